"""Cards for the wallets of phones, checked by other hands than made them."""

import base64
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from loyalty.cards.render.apple import WalletCard, apple_pass
from loyalty.cards.render.google import SAVE, google_link
from loyalty.cards.render.keys import (
    WalletKeysWrong,
    load_apple_keys,
    load_google_keys,
)
from loyalty.cards.render.png import picture
from loyalty.settings import GoogleWalletFiles
from tests.wallet_keys import (
    NOW,
    TYPE,
    Authority,
    google_files,
    make_authority,
    new_key,
)

CARD = WalletCard(
    shop="Lab market",
    number="2610000000000003",
    points=1234,
    name='Anna "A" K.',
    address="https://shop.example.org/wallet",
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("keys"))


def unpacked(authority: Authority) -> dict[str, bytes]:
    keys = load_apple_keys(authority.files, now=NOW)
    with zipfile.ZipFile(io.BytesIO(apple_pass(CARD, keys=keys))) as archive:
        return {file: archive.read(file) for file in archive.namelist()}


class TestApplePass:
    def test_is_signed_as_openssl_understands(
        self, authority: Authority, tmp_path: Path
    ) -> None:
        found = unpacked(authority)
        for file in ("manifest.json", "signature"):
            (tmp_path / file).write_bytes(found[file])

        assert verify(authority, tmp_path) == "CMS Verification successful"
        (tmp_path / "manifest.json").write_bytes(found["manifest.json"] + b" ")
        assert "failure" in verify(authority, tmp_path)

    def test_has_each_file_in_the_manifest(self, authority: Authority) -> None:
        found = unpacked(authority)
        manifest = json.loads(found.pop("manifest.json"))
        found.pop("signature")
        assert manifest == {
            file: hashlib.sha1(content, usedforsecurity=False).hexdigest()
            for file, content in found.items()
        }

    def test_carries_points_and_barcode(self, authority: Authority) -> None:
        document = json.loads(unpacked(authority)["pass.json"])
        assert document["passTypeIdentifier"] == TYPE
        assert document["teamIdentifier"] == "TEAM123456"
        assert document["storeCard"]["primaryFields"] == [
            {"key": "points", "label": "points", "value": 1234}
        ]
        assert [one["message"] for one in document["barcodes"]] == [CARD.number] * 2
        assert document["barcodes"][1]["format"] == "PKBarcodeFormatCode128"
        assert document["barcodes"][1]["altText"] == "2610 0000 0000 0003"

    def test_speaks_every_language(self, authority: Authority) -> None:
        found = unpacked(authority)
        for language in ("en", "pl", "ru", "sl", "fa"):
            texts = found[f"{language}.lproj/pass.strings"].decode("utf-16")
            assert '"points" = "' in texts
        assert '"number" = "Card number";' in found["en.lproj/pass.strings"].decode(
            "utf-16"
        )

    def test_has_pictures_for_every_screen(self, authority: Authority) -> None:
        found = unpacked(authority)
        for file, size in (("icon.png", 29), ("icon@2x.png", 58), ("icon@3x.png", 87)):
            assert found[file] == picture(size, size)
            assert found[file][:8] == b"\x89PNG\r\n\x1a\n"
            assert int.from_bytes(found[file][16:20], "big") == size


def verify(authority: Authority, folder: Path) -> str:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl command")
    done = subprocess.run(
        [
            openssl, "cms", "-verify", "-binary", "-inform", "DER",
            "-in", str(folder / "signature"),
            "-content", str(folder / "manifest.json"),
            "-CAfile", str(authority.root), "-purpose", "any",
            "-out", str(folder / "out"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    return done.stderr.strip().splitlines()[0]


class TestAppleKeys:
    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"key": "other.pem", "key_password": None}, "is not the key of"),
            ({"key_password": "wrong"}, "LOYALTY_APPLE_PASS_KEY_PASSWORD is wrong"),
            ({"key_password": None}, "the key needs one"),
            ({"certificate": "none.pem"}, "LOYALTY_APPLE_PASS_CERTIFICATE can't be"),
            ({"certificate": "key.pem"}, "is no certificate in PEM"),
            ({"wwdr": "root.pem"}, "LOYALTY_APPLE_PASS_WWDR did not issue"),
            ({"pass_type_id": "pass.other"}, "LOYALTY_APPLE_PASS_TYPE_ID is not"),
        ],
    )
    def test_that_do_not_fit_are_named(
        self, authority: Authority, change: dict[str, str | None], said: str
    ) -> None:
        folder = authority.root.parent
        values = {
            field: folder / text if text and text.endswith(".pem") else text
            for field, text in change.items()
        }
        files = replace(authority.files, **values)  # type: ignore[arg-type]  # by name
        with pytest.raises(WalletKeysWrong, match=said):
            load_apple_keys(files, now=NOW)

    def test_that_have_expired_are_named(self, authority: Authority) -> None:
        with pytest.raises(WalletKeysWrong, match="not valid today"):
            load_apple_keys(authority.files, now=NOW + timedelta(days=4001))


@pytest.fixture(scope="module")
def google_key() -> rsa.RSAPrivateKey:
    return new_key()


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


class TestGoogleLink:
    def test_is_signed_by_the_account(
        self, google_key: rsa.RSAPrivateKey, tmp_path: Path
    ) -> None:
        link = google_link(
            CARD,
            keys=load_google_keys(google_files(tmp_path, google_key)),
            origin="https://shop.example.org",
            now=NOW,
        )
        assert link.startswith(SAVE)
        assert len(link) < 1800
        header, claims, signature = link.removeprefix(SAVE).split(".")
        signed = f"{header}.{claims}".encode()
        public = google_key.public_key()
        public.verify(decoded(signature), signed, PKCS1v15(), SHA256())
        with pytest.raises(InvalidSignature):
            public.verify(decoded(signature), signed + b"x", PKCS1v15(), SHA256())

        assert json.loads(decoded(header)) == {"alg": "RS256", "typ": "JWT"}
        said = json.loads(decoded(claims))
        assert (said["iss"], said["aud"], said["typ"], said["iat"]) == (
            "shop@x.example.org",
            "google",
            "savetowallet",
            int(NOW.timestamp()),
        )
        (card,) = said["payload"]["loyaltyObjects"]
        assert card["id"] == "3388.2610000000000003"
        assert card["classId"] == "3388.loyalty"
        assert card["loyaltyPoints"]["balance"] == {"int": 1234}
        assert card["barcode"]["value"] == CARD.number

    @pytest.mark.parametrize("content", ["", "{}", '{"client_email": "x"}', "[1]"])
    def test_needs_a_key_file(self, tmp_path: Path, content: str) -> None:
        file = tmp_path / "account.json"
        file.write_text(content)
        with pytest.raises(WalletKeysWrong, match="LOYALTY_GOOGLE_WALLET_KEY_FILE"):
            load_google_keys(GoogleWalletFiles(key_file=file, class_id="1.x"))
