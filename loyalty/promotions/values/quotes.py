"""The priced basket."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from loyalty.core.money import Money
from loyalty.promotions.values.rewards import Reward
from loyalty.promotions.values.selectors import Selector


class MissedReason(StrEnum):
    """Why a promotion did not apply, in the order in which reasons are looked for."""

    CODE_UNKNOWN = "code_unknown"
    CODE_EXPIRED = "code_expired"
    CODE_USED = "code_used"
    CODE_ATTEMPTS = "code_attempts"
    CODE_UNCHECKED = "code_unchecked"
    NOT_STARTED = "not_started"
    ENDED = "ended"
    OUTSIDE_HOURS = "outside_hours"
    NOT_AT_THIS_STORE = "not_at_this_store"
    NOT_IN_THIS_CHANNEL = "not_in_this_channel"
    OTHER_CURRENCY = "other_currency"
    FOR_MEMBERS = "for_members"
    NOT_FOR_THIS_CUSTOMER = "not_for_this_customer"
    SPEND_SHORT = "spend_short"
    QUANTITY_SHORT = "quantity_short"
    OTHER_PAYMENT = "other_payment"
    ALREADY_USED = "already_used"
    USED_UP = "used_up"
    NOTHING_TO_REDUCE = "nothing_to_reduce"
    OTHER_OFFER_BETTER = "other_offer_better"


@dataclass(frozen=True, kw_only=True, slots=True)
class LineApplication:
    """What one promotion takes off one line."""

    promotion: str
    amount: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class QuoteLine:
    """One line, priced."""

    line: str
    gross: Money
    discount: Money
    net: Money
    applications: tuple[LineApplication, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """
    One promotion that gave something.

    ``amount`` is what it takes off goods and delivery, ``points`` what it adds,
    ``times`` how many sets it filled (1 for rewards that apply once).
    """

    promotion: str
    name: Mapping[str, str]
    amount: Money
    points: int = 0
    times: int = 1
    code: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Missed:
    """
    One promotion, or one code, that gave nothing, and why.

    ``short_by`` (money) and ``missing`` (units) say how much ``of`` the selector
    would have been needed. ``retry_after`` are the seconds after which the code may
    be tried again.
    """

    promotion: str | None
    reason: MissedReason
    name: Mapping[str, str] | None = None
    code: str | None = None
    retry_after: int | None = None
    short_by: Money | None = None
    missing: int | None = None
    of: Selector | None = None
    reward: Reward | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsEarned:
    """Points by one rule: the programme's (``promotion`` None) or a promotion's."""

    promotion: str | None
    points: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryPrice:
    """The delivery fee, priced."""

    gross: Money
    discount: Money
    net: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """
    A priced basket; ``gross``, ``discount`` and ``net`` are the goods alone.

    ``bound`` is None when the price is proven to be the lowest, else the least
    price of goods and delivery that could still exist.
    """

    currency: str
    gross: Money
    discount: Money
    net: Money
    delivery: DeliveryPrice
    lines: tuple[QuoteLine, ...]
    applied: tuple[Applied, ...]
    missed: tuple[Missed, ...]
    points_earned: int
    points: tuple[PointsEarned, ...]
    unknown_skus: tuple[str, ...] = ()
    bound: Money | None = None

    @property
    def optimal(self) -> bool:
        """Test whether no permitted combination is cheaper."""
        return self.bound is None
