"""Changes to promotions: their documents and states, and the limits they claim."""

from loyalty.promotions.service.claiming import Redemption, UsedUp, redeem
from loyalty.promotions.service.writing import (
    PromotionExists,
    WrongState,
    create,
    move,
    revise,
)

__all__ = [
    "PromotionExists",
    "Redemption",
    "UsedUp",
    "WrongState",
    "create",
    "move",
    "redeem",
    "revise",
]
