"""
What the demo's own providers were given: text messages, notifications, chats.

The demo needs no accounts anywhere: its web process plays the providers, keeps what it
is handed, and shows it. The notification's browser is played too, with keys of its own,
so that what is shown was sealed and opened as in life.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from loyalty.core.vault import Vault
from loyalty.core.webpush import point_of, signing_key, to_base64url

SMS_ACCOUNT: Final = "demo"
SMS_TOKEN: Final = "demo-token"  # noqa: S105  # the demo's own, on loopback
TELEGRAM_TOKEN: Final = "1:demo-bot-of-the-lab-market"  # noqa: S105  # as above
WEBHOOK_SECRET: Final = "whsec_ZGVtby1zZWNyZXQtb2YtdGhlLWxhYi1tYXJrZXQ="  # noqa: S105
_SHOWN: Final = 200
_HEADER: Final = 16 + 4 + 1 + 65
_BROWSER: Final = "demo browser"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """One thing that a provider of the demo took."""

    at: str
    channel: str
    to: str
    title: str
    text: str
    key: str

    @property
    def when(self) -> datetime:
        """The moment."""
        return datetime.fromisoformat(self.at)


def keep(folder: Path, item: Outgoing) -> None:
    """Add what was taken to the list."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "outbox.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(item), ensure_ascii=False) + "\n")


def list_outbox(folder: Path) -> list[Outgoing]:
    """Return the latest of what was taken, the newest first."""
    try:
        lines = (folder / "outbox.jsonl").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [Outgoing(**json.loads(line)) for line in reversed(lines[-_SHOWN:])]


def demo_browser(vault: Vault, public_url: str) -> str:
    """Return the subscription of the demo's own browser."""
    key, secret = _browser_keys(vault)
    keys = {"p256dh": to_base64url(point_of(key.public_key())), "auth": secret}
    endpoint = f"{public_url}/demo/sink/push"
    return json.dumps({"endpoint": endpoint, "keys": keys})


def open_notification(vault: Vault, body: bytes) -> dict[str, Any]:
    """
    Read a notification as the demo's browser does (RFC 8291, RFC 8188).

    :raises ValueError: if it was sealed for another browser
    """
    key, _text = _browser_keys(vault)
    secret = _secret(vault)
    if len(body) < _HEADER:
        message = "too short for a notification"
        raise ValueError(message)
    salt, length = body[:16], body[20]
    point, sealed = body[21 : 21 + length], body[21 + length :]
    ours = point_of(key.public_key())
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    material = _derive(
        key.exchange(ec.ECDH(), theirs),
        secret,
        b"WebPush: info\x00" + ours + point,
        32,
    )
    nonce = _derive(material, salt, b"Content-Encoding: nonce\x00", 12)
    sealing = AESGCM(_derive(material, salt, b"Content-Encoding: aes128gcm\x00", 16))
    try:
        opened = sealing.decrypt(nonce, sealed, None)
    except InvalidTag:
        message = "sealed for another browser"
        raise ValueError(message) from None
    found: dict[str, Any] = json.loads(opened.rstrip(b"\x00")[:-1])
    return found


def _browser_keys(vault: Vault) -> tuple[ec.EllipticCurvePrivateKey, str]:
    return signing_key(vault.derive(_BROWSER)), to_base64url(_secret(vault))


def _secret(vault: Vault) -> bytes:
    return hashlib.sha256(vault.derive("demo browser secret")).digest()[:16]


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=salt, info=info).derive(secret)
