"""Gift cards, and what members have stored."""

from loyalty.api.v1.giftcards import stored
from loyalty.api.v1.giftcards.cards import resource

__all__ = ["resource", "stored"]
