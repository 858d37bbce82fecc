"""
A push service with one subscribed browser.

It checks the sender's token and reads the message with the browser's keys, by code
that shares nothing with ours: ``http_ece`` for RFC 8291 and 8188.
"""

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any

import http_ece
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.peers.web import Answer, Peer, Request


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(kw_only=True)
class PushPeer(Peer):
    """Keeps what its browser would show; one topic holds one message."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    secret: bytes = b"sixteen bytes  !"
    senders: set[str] = field(default_factory=set)
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Messages by their topic."""

    @property
    def subscription(self) -> str:
        """The browser's subscription, as it gives it to the page."""
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        keys = {"p256dh": _text(point), "auth": _text(self.secret)}
        return json.dumps({"endpoint": f"{self.url}/push/browser-1", "keys": keys})

    def answer(self, request: Request) -> Answer:
        headers = request.headers
        if request.path != "/push/browser-1":
            return Answer(status=404)
        if not self._proven(headers.get("authorization", "")):
            return Answer(status=403, document={"reason": "the token is not good"})
        if "ttl" not in headers:
            return Answer(status=400, document={"reason": "no TTL"})
        if len(request.body) > 4096:
            return Answer(status=413)
        plain = http_ece.decrypt(
            request.body,
            private_key=self.key,
            auth_secret=self.secret,
            version=headers["content-encoding"],
        )
        self.shown[headers["topic"]] = json.loads(plain)
        return Answer(status=201, headers={"Location": f"{self.url}/m/1"})

    def _proven(self, header: str) -> bool:
        """Check a token of RFC 8292 by its own words."""
        scheme, _, rest = header.partition(" ")
        given = dict(part.strip().split("=", 1) for part in rest.split(","))
        head, claims, signature = given["t"].split(".")
        raw = _bytes(signature)
        signed = encode_dss_signature(
            int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        )
        public = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), _bytes(given["k"])
        )
        try:
            public.verify(
                signed, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256())
            )
        except InvalidSignature:
            return False
        said = json.loads(_bytes(claims))
        self.senders.add(said["sub"])
        return (
            scheme == "vapid"
            and json.loads(_bytes(head)) == {"typ": "JWT", "alg": "ES256"}
            and said["aud"] == self.url
            and time.time() < said["exp"] <= time.time() + 24 * 3600
        )
