"""A shop's own server: it knows our messages by their signature (Standard Webhooks)."""

from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from tests.peers.web import Answer, Peer, Request

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"  # noqa: S105  # of a test


@dataclass(kw_only=True)
class ReceiverPeer(Peer):
    """Takes each message once, whatever it is told twice."""

    messages: dict[str, Any] = field(default_factory=dict)

    def answer(self, request: Request) -> Answer:
        try:
            said = Webhook(SECRET).verify(request.body, dict(request.headers))
        except WebhookVerificationError:
            return Answer(status=401)
        key = request.headers["webhook-id"]
        self.messages.setdefault(key, said["data"])
        return Answer(status=202, document={"id": f"app-{key}"})
