"""Where a request goes, and where it never does; with real sockets."""

import socket
import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from jobs.posting import NotSent, Poster
from loyalty.core.clock import machine_now
from tests.integration.webhooks.sink import Sink, running_sink, silent_server

LOOPBACK = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.127.127.127",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "0177.0x0.1",
    "0",
    "0.0.0.0",  # noqa: S104  # an address to refuse
    "localhost",
    "LOCALHOST",
    "localhost.",
    "LocalHost.",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
]
"""Spellings of this machine, as a system's resolver understands them."""

NAME = "hooks.example.test"


def fixed(*addresses: str) -> Poster:
    """Return one to whom every name stands for these addresses."""
    return Poster(resolver=lambda _host, _port: addresses)


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for a name; return what serves it and what trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = machine_now()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    chain = folder / "chain.pem"
    chain.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(chain)
    return serving, ssl.create_default_context(cafile=str(chain))


class TestPoster:
    @pytest.mark.parametrize("host", LOOPBACK)
    def test_never_reaches_this_machine_however_it_is_spelt(self, host: str) -> None:
        with running_sink() as sink:
            with pytest.raises(NotSent):
                Poster().post(f"https://{host}:{sink.port}/", body="{}", headers={})

            assert sink.received == []

    def test_reaches_it_when_told_to(self, sink: Sink) -> None:
        answer = Poster(allow_private=True).post(sink.url, body="{}", headers={})

        assert (answer.status, answer.text) == (200, "thank you")

    def test_refuses_a_name_that_stands_for_it(self, sink: Sink) -> None:
        url = f"https://{NAME}:{sink.port}/"
        with pytest.raises(NotSent, match=r"stands for 127\.0\.0\.1"):
            fixed("127.0.0.1").post(url, body="{}", headers={})

        assert sink.received == []

    def test_refuses_a_name_of_which_one_address_is_not_public(self) -> None:
        with pytest.raises(NotSent, match=r"stands for 10\.0\.0\.1"):
            fixed("1.1.1.1", "10.0.0.1").post(f"https://{NAME}/", body="", headers={})

    def test_asks_once_and_connects_to_what_was_checked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answers = [["1.1.1.1"], ["127.0.0.1"]]
        connected: list[object] = []

        def rebinding(_host: str, _port: int) -> Sequence[str]:
            return answers.pop(0)

        def connect(address: object, *_: object, **__: object) -> socket.socket:
            connected.append(address)
            raise ConnectionRefusedError

        monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
        with pytest.raises(NotSent):
            Poster(resolver=rebinding).post(f"https://{NAME}/", body="", headers={})

        assert connected == [("1.1.1.1", 443)]
        assert answers == [["127.0.0.1"]]

    def test_checks_the_certificate_for_the_name(self, tmp_path: Path) -> None:
        serving, trusting = certificate(tmp_path, NAME)
        poster = Poster(
            allow_private=True, resolver=lambda *_: ["127.0.0.1"], trust=trusting
        )
        with running_sink(serving) as sink:
            good = f"https://{NAME}:{sink.port}/"
            answer = poster.post(good, body="{}", headers={})
            with pytest.raises(NotSent, match="certificate"):
                poster.post(good.replace(NAME, "other.test"), body="{}", headers={})
            with pytest.raises(NotSent, match="certificate"):
                Poster(allow_private=True).post(sink.url, body="{}", headers={})

            assert answer.status == 200
            assert [one.headers["host"] for one in sink.received] == [
                f"{NAME}:{sink.port}"
            ]

    @pytest.mark.parametrize(
        "says", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\nbeginning"]
    )
    def test_does_not_wait_for_ever(self, says: bytes) -> None:
        poster = Poster(allow_private=True, whole_seconds=0.2)
        with (
            silent_server(says=says) as port,
            pytest.raises(NotSent, match="no answer in time"),
        ):
            poster.post(f"http://127.0.0.1:{port}/", body="{}", headers={})

    def test_says_that_nobody_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        with pytest.raises(NotSent, match="refused"):
            Poster(allow_private=True).post(
                f"http://127.0.0.1:{port}/", body="", headers={}
            )

    def test_uses_no_proxy_of_the_environment(
        self, sink: Sink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

        answer = Poster(allow_private=True).post(sink.url, body="{}", headers={})

        assert answer.status == 200
