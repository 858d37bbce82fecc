"""Webhooks: where events are sent, what was sent, and sending it again."""

from loyalty.api.v1.webhooks import deliveries, endpoints
from loyalty.api.v1.webhooks.events import described_events
from loyalty.api.v1.webhooks.schemas import resource

__all__ = ["deliveries", "described_events", "endpoints", "resource"]
