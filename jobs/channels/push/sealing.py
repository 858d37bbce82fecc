"""What only one browser can read (RFC 8291 over RFC 8188), and who sends it (RFC 8292).

Written over ``cryptography``, which does every primitive: the packages for it bring an
asynchronous HTTP client along.
"""

import json
import os
import time
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from loyalty.core.webpush import point_of, to_base64url
from loyalty.customers.rules.subscriptions import Subscription

RECORD: Final = 4096
"""Every push service takes at least so many bytes (RFC 8030, section 7.2)."""

LARGEST: Final = RECORD - 16 - 4 - 1 - 65 - 16 - 1
"""Without salt, size, length, key, tag and delimiter."""

_LAST_RECORD: Final = b"\x02"
_TOKEN_SECONDS: Final = 12 * 3600
"""Half of what is allowed (RFC 8292, section 2)."""


def seal(plain: bytes, subscription: Subscription) -> bytes:
    """
    Encrypt one record for a browser.

    :raises ValueError: if it is too long, or the browser's key is no point of P-256
    """
    if len(plain) > LARGEST:
        message = f"a notification of {len(plain)} bytes: at most {LARGEST}"
        raise ValueError(message)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), subscription.point
    )
    ours = ec.generate_private_key(ec.SECP256R1())
    point, salt = point_of(ours.public_key()), os.urandom(16)
    material = _derive(
        ours.exchange(ec.ECDH(), theirs),
        salt=subscription.secret,
        info=b"WebPush: info\x00" + subscription.point + point,
        length=32,
    )
    key = _derive(
        material, salt=salt, info=b"Content-Encoding: aes128gcm\x00", length=16
    )
    nonce = _derive(material, salt=salt, info=b"Content-Encoding: nonce\x00", length=12)
    header = salt + RECORD.to_bytes(4, "big") + bytes([len(point)]) + point
    return header + AESGCM(key).encrypt(nonce, plain + _LAST_RECORD, None)


class Prover:
    """Says who sends, in a token for each push service."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, contact: str) -> None:
        self._key = key
        self._contact = contact
        self._public = to_base64url(point_of(key.public_key()))
        self._made: dict[str, tuple[float, str]] = {}

    def authorization(self, origin: str) -> str:
        """Return the header for a push service, as ``https://push.example``."""
        now = time.time()
        ends, token = self._made.get(origin, (0.0, ""))
        if ends - now < _TOKEN_SECONDS / 2:
            ends = now + _TOKEN_SECONDS
            token = self._token({"aud": origin, "exp": int(ends), "sub": self._contact})
            self._made[origin] = (ends, token)
        return f"vapid t={token}, k={self._public}"

    def _token(self, claims: dict[str, str | int]) -> str:
        """Return a JSON Web Token signed with ES256 (RFC 7515, RFC 7518)."""
        parts = ({"typ": "JWT", "alg": "ES256"}, claims)
        signed = ".".join(to_base64url(_compact(part)) for part in parts)
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(SHA256())))
        return f"{signed}.{to_base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _compact(part: dict[str, str] | dict[str, str | int]) -> bytes:
    return json.dumps(part, separators=(",", ":")).encode()


def _derive(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=salt, info=info).derive(secret)
