"""Changes to webhooks."""

from loyalty.webhooks.service.endpoints import (
    create_endpoint,
    disable,
    pause,
    resume,
    revise_endpoint,
    rotate_secret,
)
from loyalty.webhooks.service.recording import is_wanted, ping, record, record_many
from loyalty.webhooks.service.replaying import (
    DeliveryUnderWay,
    replay,
    replay_failed,
)
from loyalty.webhooks.service.sending import claim, prune, settle

__all__ = [
    "DeliveryUnderWay",
    "claim",
    "create_endpoint",
    "disable",
    "is_wanted",
    "pause",
    "ping",
    "prune",
    "record",
    "record_many",
    "replay",
    "replay_failed",
    "resume",
    "revise_endpoint",
    "rotate_secret",
    "settle",
]
