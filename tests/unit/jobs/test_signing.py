"""That what is signed here is believed by a verifier that is not ours."""

import re
from dataclasses import replace
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import (
    generate_private_key as generate_rsa,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from jobs.channels.email.signing import BadDkimKey, DkimKey, read_keys
from jobs.channels.email.writing import Writer
from loyalty.delivery.render import Letter, as_html
from loyalty.delivery.values import MessageID, MessageKind, OutgoingMessage

RSA = DkimKey("2026r", generate_rsa(public_exponent=65_537, key_size=2_048))
ED25519 = DkimKey("2026e", Ed25519PrivateKey.generate())
MESSAGE = OutgoingMessage(
    id=MessageID(1),
    kind=MessageKind.MARKETING,
    address="ada@example.com",
    subject="Łab market: an offer for you that has a long subject " + "ż" * 60,
    text="Hello Ada,\n\n20 % off coffee.\n.\n",
    html=as_html(Letter(subject="An offer", paragraphs=("Hello Ada,",))),
    language="en",
    handover_key="4f1c4f1c",
    brief="An offer",
    unsubscribe_url="https://shop.example/u/" + "a" * 200,
)


def dns(name: bytes, timeout: int = 5) -> bytes:  # noqa: ARG001  # dkimpy's
    """Answer as the shop's DNS would, once it has the records."""
    records = {
        f"{key.selector}._domainkey.example.org.": key.record for key in (RSA, ED25519)
    }
    return records[name.decode()].encode()


def signed(message: OutgoingMessage, *keys: DkimKey) -> bytes:
    return Writer("Lab <offers@example.org>", keys).write(message)


def believed(mail: bytes, index: int = 0) -> bool:
    try:
        answer: bool = dkim.DKIM(mail).verify(idx=index, dnsfunc=dns)
    except dkim.ValidationError:
        return False
    return answer


class TestSigner:
    @pytest.mark.parametrize("key", [RSA, ED25519], ids=["rsa", "ed25519"])
    def test_is_believed(self, key: DkimKey) -> None:
        assert believed(signed(MESSAGE, key))

    def test_signs_once_with_each_key(self) -> None:
        mail = signed(MESSAGE, RSA, ED25519)

        assert believed(mail, 0)
        assert believed(mail, 1)

    @given(
        subject=st.text(
            st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]),
            max_size=200,
        ),
        text=st.text(st.characters(codec="utf-8"), max_size=200),
    )
    def test_is_believed_whatever_the_words(self, subject: str, text: str) -> None:
        message = replace(MESSAGE, subject=subject, text=text, html=text)

        assert believed(signed(message, ED25519))

    def test_covers_the_one_click_opt_out(self) -> None:
        mail = signed(MESSAGE, RSA)
        names = re.sub(rb"\s", b"", mail.partition(b";\r\n h=")[2].partition(b";")[0])

        assert b"List-Unsubscribe:List-Unsubscribe-Post" in names

    @pytest.mark.parametrize(
        ("part", "change"),
        [
            (b"To: ada", b"To: eve"),
            (b"20 % off", b"90 % off"),
            (b"List-Unsubscribe: <https://shop", b"List-Unsubscribe: <https://evil"),
            (b"=One-Click", b"=Two-Click"),
            (b"\r\nFrom:", b"\r\nFrom: eve@example.net\r\nFrom:"),
            (b"\r\nTo:", b"\r\nReply-To: eve@example.net\r\nTo:"),
            (b"\r\nSubject:", b"\r\nSubject: Buy!\r\nSubject:"),
        ],
    )
    def test_is_not_believed_when_anything_was_changed(
        self, part: bytes, change: bytes
    ) -> None:
        mail = signed(MESSAGE, ED25519)
        assert part in mail

        assert not believed(mail.replace(part, change, 1))

    def test_survives_what_relays_do_to_headers(self) -> None:
        mail = signed(MESSAGE, ED25519)
        relayed = b"Received: from a by b\r\n" + mail.replace(b"To: ada", b"TO:   ada")

        assert believed(relayed)

    def test_has_no_line_that_is_too_long(self) -> None:
        head = signed(MESSAGE, RSA, ED25519).partition(b"\r\nFrom:")[0]

        assert max(map(len, head.split(b"\r\n"))) <= 78


class TestReadKeys:
    def save(self, path: Path, key: object) -> Path:
        assert isinstance(key, RSAPrivateKey | Ed25519PrivateKey)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(pem)
        return path

    def test_reads_several(self, tmp_path: Path) -> None:
        rsa = self.save(tmp_path / "rsa.pem", RSA.key)
        ed25519 = self.save(tmp_path / "ed.pem", ED25519.key)

        keys = read_keys(f"2026r={rsa}, 2026e={ed25519}")

        assert [(key.selector, key.record) for key in keys] == [
            ("2026r", RSA.record),
            ("2026e", ED25519.record),
        ]

    def test_says_what_is_wrong_with_a_key(self, tmp_path: Path) -> None:
        odd = tmp_path / "odd.pem"
        curve = generate_private_key(SECP256R1())
        odd.write_bytes(
            curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        (tmp_path / "text.pem").write_text("no key")

        for name, problem in (
            ("odd.pem", "neither an RSA nor an Ed25519 key"),
            ("text.pem", "no private key in PEM"),
            ("away.pem", "no private key in PEM"),
        ):
            with pytest.raises(BadDkimKey, match=problem) as raised:
                read_keys(f"a={tmp_path / name}")
            assert name in str(raised.value)
