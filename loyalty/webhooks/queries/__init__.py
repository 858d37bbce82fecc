"""Reads of endpoints, and of what was sent to them."""

from loyalty.webhooks.queries.deliveries import (
    DeliveryNotFound,
    get_delivery,
    list_attempts,
    list_deliveries,
    waiting_endpoints,
)
from loyalty.webhooks.queries.endpoints import (
    EndpointNotFound,
    get_endpoint,
    health_of,
    list_endpoints,
)

__all__ = [
    "DeliveryNotFound",
    "EndpointNotFound",
    "get_delivery",
    "get_endpoint",
    "health_of",
    "list_attempts",
    "list_deliveries",
    "list_endpoints",
    "waiting_endpoints",
]
