"""The key by which push services know this installation (VAPID, RFC 8292).

It is derived from the secret key, so there is no file to make or to lose: as long as
the secret stays, so do the subscriptions of browsers, which are made for this key.
"""

import base64
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PURPOSE: Final = "web push"
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256 (FIPS 186-4, D.1.2.3)."""


def signing_key(derived: bytes) -> ec.EllipticCurvePrivateKey:
    """
    Return the private key.

    :param derived: what the vault derives for ``PURPOSE``, 32 bytes; its bias of
        2**-32 is of no use to anybody
    """
    number = int.from_bytes(derived, "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return a public key as the 65 bytes that browsers speak of."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def application_server_key(derived: bytes) -> str:
    """Return the public key as a page gives it to the browser."""
    return to_base64url(point_of(signing_key(derived).public_key()))


def to_base64url(data: bytes) -> str:
    """Return bytes in the URL-safe alphabet, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """
    Return the bytes that stand in the URL-safe alphabet, padded or not.

    :raises ValueError: if it is none
    """
    padded = text.rstrip("=").encode("ascii")
    padded += b"=" * (-len(padded) % 4)
    return base64.b64decode(padded, altchars=b"-_", validate=True)
