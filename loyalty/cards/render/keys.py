"""The shop's own keys for the wallets of phones: read, and found to fit or not."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

from loyalty.settings import ApplePassFiles, GoogleWalletFiles

_CERTIFICATE: Final = "LOYALTY_APPLE_PASS_CERTIFICATE"
_KEY: Final = "LOYALTY_APPLE_PASS_KEY"
_PASSWORD: Final = "LOYALTY_APPLE_PASS_KEY_PASSWORD"  # noqa: S105  # a name
_WWDR: Final = "LOYALTY_APPLE_PASS_WWDR"
_TYPE: Final = "LOYALTY_APPLE_PASS_TYPE_ID"
_GOOGLE: Final = "LOYALTY_GOOGLE_WALLET_KEY_FILE"


class WalletKeysWrong(Exception):
    """A file is missing or does not fit; the message names the setting."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AppleKeys:
    """What signs passes for Apple Wallet."""

    certificate: x509.Certificate
    key: RSAPrivateKey | EllipticCurvePrivateKey
    wwdr: x509.Certificate
    """Apple's intermediate certificate, which issued the shop's."""

    pass_type_id: str
    team_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GoogleKeys:
    """What signs links that save a card to Google Wallet."""

    key: RSAPrivateKey
    email: str
    """Of the service account."""

    class_id: str
    """``issuer.class``, as it was made in Google's console."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WalletKeys:
    """The wallets that are on."""

    apple: AppleKeys | None = None
    google: GoogleKeys | None = None


def load_wallet_keys(
    *, apple: ApplePassFiles | None, google: GoogleWalletFiles | None, now: datetime
) -> WalletKeys:
    """
    Read the keys of the wallets that are on.

    :param now: on the machine's clock
    :raises WalletKeysWrong: naming the setting at fault
    """
    return WalletKeys(
        apple=load_apple_keys(apple, now=now) if apple else None,
        google=load_google_keys(google) if google else None,
    )


def load_apple_keys(files: ApplePassFiles, *, now: datetime) -> AppleKeys:
    """
    Read the shop's pass certificate, its key and Apple's intermediate.

    :raises WalletKeysWrong: naming the setting whose file can't be read, has expired,
        or does not fit the others
    """
    certificate = _certificate(files.certificate, _CERTIFICATE)
    wwdr = _certificate(files.wwdr, _WWDR)
    key = _private_key(files)
    if key.public_key() != certificate.public_key():
        message = f"{_KEY} is not the key of the certificate in {_CERTIFICATE}"
        raise WalletKeysWrong(message)
    for found, name in ((certificate, _CERTIFICATE), (wwdr, _WWDR)):
        if not found.not_valid_before_utc <= now < found.not_valid_after_utc:
            ends = found.not_valid_after_utc.date()
            message = f"{name}: the certificate is not valid today (it ends on {ends})"
            raise WalletKeysWrong(message)
    if certificate.issuer != wwdr.subject:
        message = f"{_WWDR} did not issue the certificate in {_CERTIFICATE}"
        raise WalletKeysWrong(message)
    named = certificate.subject.get_attributes_for_oid(NameOID.USER_ID)
    if named and named[0].value != files.pass_type_id:
        message = f"{_TYPE} is not the one of the certificate: {named[0].value!s}"
        raise WalletKeysWrong(message)
    return AppleKeys(
        certificate=certificate,
        key=key,
        wwdr=wwdr,
        pass_type_id=files.pass_type_id,
        team_id=files.team_id,
    )


def load_google_keys(files: GoogleWalletFiles) -> GoogleKeys:
    """
    Read the key file of the service account.

    :raises WalletKeysWrong: if it can't be read or is no such file
    """
    try:
        document = json.loads(_read(files.key_file, _GOOGLE))
        email = document["client_email"]
        key = load_pem_private_key(document["private_key"].encode(), password=None)
    except (ValueError, KeyError, TypeError, AttributeError):
        message = f"{_GOOGLE} is no key file of a service account (JSON)"
        raise WalletKeysWrong(message) from None
    if not isinstance(key, RSAPrivateKey) or not isinstance(email, str):
        message = f"{_GOOGLE} has no RSA key with the address of its account"
        raise WalletKeysWrong(message)
    return GoogleKeys(key=key, email=email, class_id=files.class_id)


def _private_key(files: ApplePassFiles) -> RSAPrivateKey | EllipticCurvePrivateKey:
    secret = files.key_password.encode() if files.key_password else None
    try:
        key = load_pem_private_key(_read(files.key, _KEY), password=secret)
    except TypeError:
        message = f"{_PASSWORD}: the key needs one, or has none"
        raise WalletKeysWrong(message) from None
    except ValueError:
        message = f"{_KEY} is no private key in PEM, or {_PASSWORD} is wrong"
        raise WalletKeysWrong(message) from None
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        message = f"{_KEY} is neither an RSA nor an EC key"
        raise WalletKeysWrong(message)
    return key


def _certificate(path: Path, name: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_read(path, name))
    except ValueError:
        message = f"{name} is no certificate in PEM: {path}"
        raise WalletKeysWrong(message) from None


def _read(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        message = f"{name} can't be read: {problem.strerror}: {path}"
        raise WalletKeysWrong(message) from None
