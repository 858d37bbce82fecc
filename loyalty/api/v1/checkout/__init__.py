"""What a basket costs, purchases, and what is given back."""

from loyalty.api.v1.checkout import purchases, quotes, returns
from loyalty.api.v1.checkout.common import resource
from loyalty.api.v1.checkout.schemas import RequestHeaders

__all__ = ["RequestHeaders", "purchases", "quotes", "resource", "returns"]
