"""What came of a back-test, as the page tells it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from loyalty.core.money import Money
from loyalty.core.texts import format_date, format_money
from loyalty.core.texts import gettext as _
from loyalty.promotions.rules.backtesting import NO_CARD, NO_SEGMENT
from loyalty.web.charts import Point

_MOST_BARS: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Worst:
    """The basket on which most was given away."""

    at: datetime
    store: str
    receipt: str
    customer: int | None
    before: Money
    cost: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Margin:
    """What lines of known cost bring, as shares of what is paid for them."""

    before: float | None
    after: float | None
    lost: Money
    share: float
    below_cost: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Rest:
    """What a chart has no room for."""

    count: int
    cost: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """Figures, charts and sentences of one result."""

    baskets: int
    concerned: int
    touched: int
    customers: int
    without_card: int
    times: int
    given: Money
    cost: Money
    points: int
    low: Money | None
    high: Money | None
    shoppers: int
    margin: Margin | None
    worst: Worst | None
    by_day: tuple[Point, ...]
    by_store: tuple[Point, ...]
    other_stores: Rest | None
    by_segment: tuple[Point, ...]
    other_segments: Rest | None
    limit_reached: datetime | None
    unproven: int
    assumptions: tuple[str, ...]

    @property
    def each(self) -> Money:
        """What it costs on a basket that it applies to."""
        cost = self.cost
        return Money(
            amount=round(cost.amount / max(1, self.touched)), currency=cost.currency
        )


def outcome_of(result: Mapping[str, Any], *, stores: Mapping[str, str]) -> Outcome:
    """Return a stored result for the page."""
    currency: str = result["currency"]

    def money(amount: float) -> Money:
        return Money(amount=round(amount), currency=currency)

    interval = result["interval"] or {}
    reached = result["limit_reached"]
    return Outcome(
        **{
            name: result[name]
            for name in (
                "baskets",
                "concerned",
                "touched",
                "customers",
                "without_card",
                "times",
                "points",
                "unproven",
            )
        },
        given=money(result["given"]),
        cost=money(result["cost"]),
        low=money(interval["low"]) if interval else None,
        high=money(interval["high"]) if interval else None,
        shoppers=interval.get("shoppers", 0),
        margin=_margin(result["margin"], currency),
        worst=_worst(result["worst"], stores, currency),
        by_day=_days(result["by_day"], currency),
        by_store=_bars(result["by_store"], currency, stores),
        other_stores=_rest(result["by_store"], currency),
        by_segment=_bars(result["by_segment"], currency, _segment_names()),
        other_segments=_rest(result["by_segment"], currency),
        limit_reached=datetime.fromisoformat(reached) if reached else None,
        assumptions=tuple(
            text for name in result["assumptions"] if (text := _sentences().get(name))
        ),
    )


def _margin(found: Mapping[str, Any] | None, currency: str) -> Margin | None:
    if found is None:
        return None
    before, after, cost = (int(found[name]) for name in ("before", "after", "cost"))
    return Margin(
        before=(before - cost) / before if before else None,
        after=(after - cost) / after if after else None,
        lost=Money(amount=before - after, currency=currency),
        share=found["share"],
        below_cost=int(found["below_cost"]),
    )


def _worst(
    found: Mapping[str, Any] | None, stores: Mapping[str, str], currency: str
) -> Worst | None:
    if found is None:
        return None
    return Worst(
        at=datetime.fromisoformat(found["at"]),
        store=stores.get(found["store"], found["store"]),
        receipt=found["receipt"],
        customer=found["customer"],
        before=Money(amount=found["before"], currency=currency),
        cost=Money(amount=found["cost"], currency=currency),
    )


def _days(shares: Sequence[Mapping[str, Any]], currency: str) -> tuple[Point, ...]:
    """Return every day from the first to the last, those without a use at zero."""
    if not shares:
        return ()
    costs = {date.fromisoformat(share["key"]): int(share["cost"]) for share in shares}
    first, last = min(costs), max(costs)
    return tuple(
        _point(format_date(day), costs.get(day, 0), currency)
        for at in range((last - first).days + 1)
        for day in (first + timedelta(days=at),)
    )


def _bars(
    shares: Iterable[Mapping[str, Any]], currency: str, names: Mapping[str, str]
) -> tuple[Point, ...]:
    """Return the largest shares."""
    ordered = sorted(shares, key=lambda share: (-share["cost"], share["key"]))
    return tuple(
        _point(names.get(share["key"], share["key"]), int(share["cost"]), currency)
        for share in ordered[:_MOST_BARS]
    )


def _rest(shares: Iterable[Mapping[str, Any]], currency: str) -> Rest | None:
    ordered = sorted(shares, key=lambda share: (-share["cost"], share["key"]))
    rest = ordered[_MOST_BARS:]
    if not rest:
        return None
    cost = sum(int(share["cost"]) for share in rest)
    return Rest(count=len(rest), cost=Money(amount=cost, currency=currency))


def _point(label: str, cost: int, currency: str) -> Point:
    text = format_money(Money(amount=cost, currency=currency))
    return Point(label=label, value=cost, text=text)


def _segment_names() -> dict[str, str]:
    return {NO_SEGMENT: _("In no segment"), NO_CARD: _("Without a card")}


def _sentences() -> dict[str, str]:
    """Return what is taken for granted, in words, by its stable names."""
    return {
        "unchanged_behaviour": _(
            "People are taken to have bought the same. Whom the promotion would have "
            "brought, or made to buy more, can't be known from the past."
        ),
        "dates_left_out": _(
            "Its first and last day are left out: it is tested as if it had run all "
            "the time. Its hours and stores count."
        ),
        "trigger_code": _("Everybody it is for is taken to have shown its code."),
        "trigger_personal": _("Everybody it is for is taken to have been offered it."),
        "delivery_as_paid": _(
            "Delivery counts at what was paid for it: what it cost before discounts "
            "is not recorded."
        ),
        "others_all_along": _(
            "The promotions that run now and apply by themselves are taken to have "
            "run beside it all the time, as often as a basket allows."
        ),
        "now_segments": _(
            "Customers are in the segments that they are in today: which they were in "
            "then is not kept."
        ),
        "now_tier": _(
            "Customers have today's tier: which one they had then is not kept."
        ),
        "now_interests": _(
            "Customers have today's interests: what they were then is not kept."
        ),
        "now_language": _("Customers have the language that they have today."),
        "now_home_store": _("Customers have the home store that they have today."),
    }
