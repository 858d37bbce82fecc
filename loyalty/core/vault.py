"""Keeping personal values unreadable to anyone who only has the database.

Every member has a random key of their own, stored wrapped by the installation's
key; each personal field is AES-256-GCM under the member's key, bound to the
member and the field's name, so that a ciphertext moved to another row or column
is refused. Destroying a member's key erases every value under it, also in tables
whose rows may never change. Look-ups by phone or e-mail go through a blind
index: an HMAC that needs the installation's key.
"""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

_NONCE_BYTES = 12
_KEY_BYTES = 32


class Tampered(Exception):
    """A ciphertext is not the one that was stored here; never normal business."""


class Vault:
    """The installation's keys, all derived from one secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._derived: dict[str, bytes] = {}
        self._wrapping = AESGCM(self.derive("wrap member keys"))
        self._index_key = self.derive("blind index")

    def derive(self, purpose: str) -> bytes:
        """Return the 32-byte key for one purpose; equal secrets give equal keys."""
        key = self._derived.get(purpose)
        if key is None:
            kdf = HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose.encode())
            key = self._derived[purpose] = kdf.derive(self._secret)
        return key

    def new_member_key(self, *, member: int) -> bytes:
        """Make a member's key and return it wrapped, as it is stored."""
        key = secrets.token_bytes(_KEY_BYTES)
        return _seal(self._wrapping, key, aad=f"member:{member}")

    def member(self, wrapped: bytes, *, member: int) -> "MemberVault":
        """
        Open a member's key.

        :raises Tampered: if it was wrapped for someone else or altered
        """
        key = _open(self._wrapping, wrapped, aad=f"member:{member}")
        return MemberVault(key, member)

    def blind_index(self, kind: str, value: str) -> bytes:
        """Return the 32 bytes by which a normalised value is looked up."""
        text = f"{kind}:{value}".encode()
        return hmac.new(self._index_key, text, hashlib.sha256).digest()

    def seal(self, field: str, value: str) -> bytes:
        """Encrypt a secret that belongs to no member, such as a TOTP seed."""
        return _seal(self._wrapping, value.encode(), aad=f"field:{field}")

    def open(self, field: str, sealed: bytes) -> str:
        """
        Decrypt what :meth:`seal` made for the same field.

        :raises Tampered: if it was altered or belongs elsewhere
        """
        return _open(self._wrapping, sealed, aad=f"field:{field}").decode()


class MemberVault:
    """Seals and opens one member's personal values."""

    def __init__(self, key: bytes, member: int) -> None:
        self._aead = AESGCM(key)
        self._member = member

    def seal(self, field: str, value: str) -> bytes:
        """Encrypt a value for the field named, such as ``customer.first_name``."""
        return _seal(self._aead, value.encode(), aad=f"{self._member}:{field}")

    def open(self, field: str, sealed: bytes) -> str:
        """
        Decrypt the value of the field named.

        :raises Tampered: if it was altered or belongs to another row or field
        """
        return _open(self._aead, sealed, aad=f"{self._member}:{field}").decode()


def vault_of(session: Session) -> Vault:
    """Return the vault that the session's database was opened with."""
    vault = session.info["vault"]
    if not isinstance(vault, Vault):
        message = "the session was not opened by loyalty.core.database.Database"
        raise TypeError(message)
    return vault


def _seal(aead: AESGCM, value: bytes, *, aad: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + aead.encrypt(nonce, value, aad.encode())


def _open(aead: AESGCM, sealed: bytes, *, aad: str) -> bytes:
    nonce, value = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return aead.decrypt(nonce, value, aad.encode())
    except InvalidTag as problem:
        message = f"ciphertext does not belong to {aad}"
        raise Tampered(message) from problem
