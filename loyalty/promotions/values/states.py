"""How far a promotion has come in its life."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from loyalty.promotions.values.documents import Promotion

PromotionID = NewType("PromotionID", int)


class PromotionState(StrEnum):
    """Whether a promotion applies, and whether it ever will again."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredPromotion:
    """A promotion with its place in the shop's books."""

    id: PromotionID
    promotion: Promotion
    state: PromotionState
    version: int
    created_at: datetime
    changed_at: datetime
    activated_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """What a promotion gave so far; ``given`` in minor units."""

    uses: int = 0
    customers: int = 0
    given: int = 0
