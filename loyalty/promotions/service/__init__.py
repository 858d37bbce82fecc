"""Changes to promotions: documents and states, limits they claim, quotes kept."""

from loyalty.promotions.service.claiming import (
    Redemption,
    UsedUp,
    give_back,
    redeem,
)
from loyalty.promotions.service.quotes import (
    clear_quotes,
    give_up_reservation,
    hold_limits,
    keep_quote,
    lock_quote,
    mark_paid,
)
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
    "clear_quotes",
    "create",
    "give_back",
    "give_up_reservation",
    "hold_limits",
    "keep_quote",
    "lock_quote",
    "mark_paid",
    "move",
    "redeem",
    "revise",
]
