"""DKIM signatures over mails that are bytes already (RFC 6376, RFC 8463, RFC 8058)."""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

SIGNED = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
)
"""RFC 8058 asks for the last two; providers ignore the button without them."""

_ABSENT = ("Reply-To", "Cc", "Content-Transfer-Encoding")
"""Signed as not being there, so that nobody can add them (RFC 6376, section 5.4.2)."""

_ONCE_MORE = ("From", "Subject")
"""Signed once more than they are there: a second one makes the signature false."""

_FEWEST_BITS = 1024  # what verifiers must refuse below (RFC 8301)
_WIDTH = 72


class BadDkimKey(ValueError):
    """A key for signing can't be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A private key, and under which selector its public half stands in DNS."""

    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey

    @classmethod
    def read(cls, selector: str, path: Path) -> Self:
        """
        Read a key, PEM without a password.

        :raises BadDkimKey: if it can't be read or is of another kind
        """
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as problem:
            message = f"{path}: no private key in PEM without a password ({problem})"
            raise BadDkimKey(message) from problem
        if isinstance(key, RSAPrivateKey) and key.key_size < _FEWEST_BITS:
            message = f"{path}: {key.key_size} bits are too few, take 2048"
            raise BadDkimKey(message)
        if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
            message = f"{path}: neither an RSA nor an Ed25519 key"
            raise BadDkimKey(message)
        return cls(selector, key)

    @property
    def algorithm(self) -> str:
        """How the signature calls it."""
        rsa = isinstance(self.key, RSAPrivateKey)
        return "rsa-sha256" if rsa else "ed25519-sha256"

    @property
    def record(self) -> str:
        """What ``<selector>._domainkey.<domain>`` must say in DNS, as TXT."""
        public = self.key.public_key()
        if isinstance(self.key, RSAPrivateKey):
            kind = "rsa"
            raw = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        else:
            kind = "ed25519"
            raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k={kind}; p={b64encode(raw).decode()}"

    def sign(self, data: bytes) -> bytes:
        """Return the signature of what is hashed over the headers."""
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(data, PKCS1v15(), SHA256())
        return self.key.sign(hashlib.sha256(data).digest())


def read_keys(text: str) -> tuple[DkimKey, ...]:
    """
    Read ``selector=/path/to/key.pem``, several with commas between.

    :raises BadDkimKey: if one can't be used
    """
    keys = []
    for one in text.split(","):
        selector, _, path = one.strip().partition("=")
        keys.append(DkimKey.read(selector, Path(path)))
    return tuple(keys)


class Signer:
    """Signs mails for one domain, once with each key."""

    def __init__(self, domain: str, keys: Sequence[DkimKey]) -> None:
        self._domain = domain
        self._keys = tuple(keys)

    def sign(self, headers: Sequence[tuple[str, str]], body: bytes) -> str:
        """
        Return ``DKIM-Signature`` headers to be put before the others.

        :param headers: as they stand in the mail, folded or not
        :param body: with CRLF line ends, the last line ended
        """
        digest = b64encode(hashlib.sha256(_simple(body)).digest()).decode()
        canonical = {name: _relaxed(name, value) for name, value in headers}
        there = [name for name in SIGNED if name in canonical]
        names = ":".join((*there, *_ONCE_MORE, *_ABSENT))
        signed = "".join(canonical[name] for name in there)
        return "".join(self._one(key, names, digest, signed) for key in self._keys)

    def _one(self, key: DkimKey, names: str, digest: str, signed: str) -> str:
        value = (
            f"v=1; a={key.algorithm}; c=relaxed/simple; d={self._domain};\r\n"
            f" s={key.selector}; bh={digest};\r\n h={_fold(names, ':')};\r\n b="
        )
        # Hashed last, with an empty signature and no line end (section 3.7).
        own = _relaxed("DKIM-Signature", value).removesuffix("\r\n")
        signature = b64encode(key.sign((signed + own).encode("ascii"))).decode()
        lines = [signature[at : at + _WIDTH] for at in range(0, len(signature), _WIDTH)]
        return f"DKIM-Signature: {value}" + "\r\n ".join(lines) + "\r\n"


def _relaxed(name: str, value: str) -> str:
    """Return a header in the relaxed form (RFC 6376, section 3.4.2)."""
    return f"{name.lower()}:{' '.join(value.split())}\r\n"


def _simple(body: bytes) -> bytes:
    """Return the body in the simple form (section 3.4.3): one line end at its end."""
    return body.rstrip(b"\r\n") + b"\r\n"


def _fold(text: str, separator: str) -> str:
    """Break a list into lines that are not too long."""
    lines = [""]
    for part in text.split(separator):
        if len(lines[-1]) + len(part) >= _WIDTH:
            lines.append("")
        lines[-1] += part + separator
    return "\r\n  ".join(lines).removesuffix(separator)
