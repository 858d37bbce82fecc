"""Throw-away keys for the wallets of phones, made anew in each test run."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from loyalty.settings import ApplePassFiles, GoogleWalletFiles

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TYPE = "pass.org.example.loyalty"


@dataclass(frozen=True)
class Authority:
    """A throw-away certificate authority, and what it issued."""

    files: ApplePassFiles
    root: Path


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def name(common: str, uid: str | None = None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if uid:
        parts.append(x509.NameAttribute(NameOID.USER_ID, uid))
    return x509.Name(parts)


def certificate(
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: tuple[x509.Name, rsa.RSAPrivateKey],
    *,
    is_authority: bool,
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=4000))
        .not_valid_after(NOW + timedelta(days=4000))
        .add_extension(
            x509.BasicConstraints(ca=is_authority, path_length=None), critical=True
        )
        .sign(issuer[1], SHA256())
    )


def pem(key: rsa.RSAPrivateKey, password: bytes | None = None) -> bytes:
    hidden = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden)


def make_authority(folder: Path) -> Authority:
    """Make a root, an intermediate like Apple's, and the shop's own certificate."""
    root, middle, own = new_key(), new_key(), new_key()
    top, wwdr, mine = name("Root"), name("WWDR"), name("Pass", TYPE)
    made = {
        "root.pem": certificate(top, root, (top, root), is_authority=True),
        "wwdr.pem": certificate(wwdr, middle, (top, root), is_authority=True),
        "pass.pem": certificate(mine, own, (wwdr, middle), is_authority=False),
    }
    for file, one in made.items():
        (folder / file).write_bytes(one.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(pem(own, b"secret"))
    (folder / "other.pem").write_bytes(pem(new_key()))
    files = ApplePassFiles(
        certificate=folder / "pass.pem",
        key=folder / "key.pem",
        key_password="secret",  # noqa: S106  # a test's own
        wwdr=folder / "wwdr.pem",
        pass_type_id=TYPE,
        team_id="TEAM123456",
    )
    return Authority(files=files, root=folder / "root.pem")


def google_files(folder: Path, key: rsa.RSAPrivateKey) -> GoogleWalletFiles:
    """Write the key file of a service account."""
    file = folder / "account.json"
    document = {"client_email": "shop@x.example.org", "private_key": pem(key).decode()}
    file.write_text(json.dumps(document))
    return GoogleWalletFiles(key_file=file, class_id="3388.loyalty")
