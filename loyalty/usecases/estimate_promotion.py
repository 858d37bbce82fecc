"""What a draft would cost, and whom it is for, from the shop's own recent baskets.

Customers are sampled, each with all their baskets of the last eight weeks; the engine
prices those baskets with and without the draft beside what runs now. The interval is
a bootstrap over customers. It assumes that people go on buying as they did, and that
everybody a personal promotion or a code is for has it: more buying than before, or
fewer people with the offer, change the cost.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from random import Random
from typing import Final

from sqlalchemy.orm import Session

from loyalty.catalogue.queries import find_products
from loyalty.core.periods import business_day
from loyalty.customers.queries import count_customers
from loyalty.customers.values import CustomerID
from loyalty.promotions.queries import active_promotions, catalogue_facts
from loyalty.promotions.queries.samples import (
    BasketSample,
    Details,
    RecordedBasket,
    facts_of,
    sample_baskets,
    sample_members,
)
from loyalty.promotions.rules.audiences import meets
from loyalty.promotions.rules.compiling import Compiled, compile_promotions
from loyalty.promotions.rules.pricing import price
from loyalty.promotions.rules.selecting import items_of
from loyalty.promotions.values import (
    AllOf,
    AnyOf,
    Audience,
    BirthdayWithinDays,
    CatalogueFacts,
    CustomerFacts,
    DaysSincePurchase,
    Facts,
    HasCard,
    Not,
    Programme,
    Promotion,
    PurchaseCount,
    Quote,
    Spent,
    Strategy,
    Trigger,
    Used,
)
from loyalty.stores.queries import get_programme

DAYS: Final = 56
MOST_BASKETS: Final = 400
MOST_CUSTOMERS: Final = 1_000
_RESAMPLES: Final = 400
_WORK_LIMIT: Final = 2_000
"""An estimate needs no proof that each price is the lowest."""

_LOW, _HIGH = 0.05, 0.95
_OPEN_ENDED_DAYS: Final = 28
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Crowd:
    """How many members the promotion is for, and one of them."""

    count: int
    members: int
    exact: bool
    """False when it was counted in a sample and scaled up."""

    example: CustomerID | None
    example_purchases: int = 0
    example_last: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """
    A range of what the promotion gives away, in minor units, over ``days`` days.

    Nine of ten times the sample's mean would lie between ``low`` and ``high``.
    """

    low: int
    likely: int
    high: int
    uses_low: int
    uses_high: int
    days: int
    open_ended: bool
    baskets: int
    """How many recorded baskets were priced."""

    shoppers: int
    """Whose baskets they are; one without a card counts as somebody."""

    finished: bool
    """False when the time ran out before the whole sample was priced."""


def estimate_crowd(session: Session, *, promotion: Promotion, now: datetime) -> Crowd:
    """Return how many members are in the promotion's audience now."""
    members = count_customers(session)
    audience = promotion.audience
    sample = sample_members(session, at_most=MOST_CUSTOMERS)
    zone = get_programme(session).time_zone
    kinds = {type(node) for node in _nodes(audience)}
    details = Details(
        history=bool(kinds & {PurchaseCount, Spent, DaysSincePurchase}),
        birthdays=BirthdayWithinDays in kinds,
    )
    facts = facts_of(session, customer_ids=sample, zone=zone, details=details)
    inside = [
        customer_id
        for customer_id, known in facts.items()
        if audience is None or meets(audience, known, at=now, zone=zone)
    ]
    exact = members <= len(sample)
    count = len(inside) if exact else round(len(inside) * members / len(sample))
    if not inside:
        return Crowd(count=count, members=members, exact=exact, example=None)
    example = inside[len(inside) // 2]
    bought = facts_of(session, customer_ids=[example], zone=zone, details=Details())
    past = bought[example].purchases
    return Crowd(
        count=count,
        members=members,
        exact=exact,
        example=example,
        example_purchases=len(past),
        example_last=max((purchase.at for purchase in past), default=None),
    )


def estimate_cost(
    session: Session,
    *,
    promotion: Promotion,
    now: datetime,
    time_is_up: Callable[[], bool],
) -> Cost | None:
    """
    Price recorded baskets with and without the promotion.

    :param time_is_up: asked between baskets; what was priced until then counts
    :returns: None when there are no recorded baskets
    """
    sample = sample_baskets(session, since=now - DAYS * _A_DAY, at_most=MOST_BASKETS)
    if not sample.baskets:
        return None
    days, open_ended = _length(promotion)
    replay = _Replay(session, promotion, sample, window_days=min(days, DAYS), now=now)
    groups: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    priced = 0
    finished = True
    for group, baskets in _by_group(sample.baskets):
        if priced and time_is_up():
            finished = False
            break
        for recorded in baskets:
            extra, used = replay.try_on(recorded)
            groups[group][0] += extra
            groups[group][1] += used
            priced += 1
    share = days / DAYS * sample.groups_in_all
    ranges = _bootstrap([(cost, uses) for cost, uses in groups.values()])
    low, likely, high = (_capped(promotion, round(v * share)) for v in ranges[0])
    fewest, _mean, most = (round(value * share) for value in ranges[1])
    total = promotion.limits.total
    return Cost(
        low=low,
        likely=likely,
        high=high,
        uses_low=min(fewest, total or fewest),
        uses_high=min(most, total or most),
        days=days,
        open_ended=open_ended,
        baskets=priced,
        shoppers=len(groups),
        finished=finished,
    )


class _Replay:
    """Prices one basket after the other, counting the draft's uses as it goes."""

    def __init__(
        self,
        session: Session,
        promotion: Promotion,
        sample: BasketSample,
        *,
        window_days: int,
        now: datetime,
    ) -> None:
        programme = get_programme(session)
        self._draft = _as_if_it_ran(promotion)
        running = [
            stored.promotion
            for stored in active_promotions(session)
            if stored.promotion.code != promotion.code
        ]
        self._with = compile_promotions([*running, self._draft])
        self._without = compile_promotions(running)
        self._alone = compile_promotions([self._draft])
        self._programme = Programme(
            currency=programme.currency,
            time_zone=programme.time_zone,
            strategy=Strategy(programme.strategy),
        )
        self._catalogue = _catalogue(session, sample)
        self._customers = facts_of(
            session,
            customer_ids={
                r.customer_id for r in sample.baskets if r.customer_id is not None
            },
            zone=programme.time_zone,
            details=Details(birthdays=True),
        )
        self._since = business_day(now - DAYS * _A_DAY, programme.time_zone)
        self._window_days = window_days
        self._uses: defaultdict[tuple[CustomerID, date | int], int] = defaultdict(int)

    def try_on(self, recorded: RecordedBasket) -> tuple[int, int]:
        """Return what the draft takes off this basket, in minor units, and its uses."""
        basket = recorded.basket
        if not self._alone.touching(items_of(basket, self._catalogue)):
            return 0, 0
        used = self._used(recorded)
        after = self._price(self._with, recorded, used)
        applied = [a for a in after.applied if a.promotion == self._draft.code]
        if not applied:
            return 0, 0
        self._note(recorded)
        before = self._price(self._without, recorded, {})
        return before.net.amount - after.net.amount, 1

    def _price(
        self,
        compiled: Compiled,
        recorded: RecordedBasket,
        used: Mapping[str, Used],
    ) -> Quote:
        return price(
            compiled,
            recorded.basket,
            facts=Facts(
                catalogue=self._catalogue,
                customer=self._customer(recorded),
                used=used,
            ),
            programme=self._programme,
            work_limit=_WORK_LIMIT,
        )

    def _customer(self, recorded: RecordedBasket) -> CustomerFacts | None:
        if recorded.customer_id is None:
            return None
        return self._customers.get(recorded.customer_id)

    def _day(self, recorded: RecordedBasket) -> tuple[date, int]:
        zone: tzinfo = self._programme.time_zone
        day = business_day(recorded.basket.at, zone)
        return day, (day - self._since).days // self._window_days

    def _used(self, recorded: RecordedBasket) -> dict[str, Used]:
        """Return the uses so far; a shorter promotion starts anew in each window."""
        if recorded.customer_id is None:
            return {}
        day, window = self._day(recorded)
        return {
            self._draft.code: Used(
                by_customer=self._uses[recorded.customer_id, window],
                today=self._uses[recorded.customer_id, day],
            )
        }

    def _note(self, recorded: RecordedBasket) -> None:
        if recorded.customer_id is not None:
            for key in self._day(recorded):
                self._uses[recorded.customer_id, key] += 1


def _as_if_it_ran(promotion: Promotion) -> Promotion:
    """Return it as it would have been in the past weeks, for all it is for."""
    return replace(
        promotion,
        trigger=Trigger.AUTOMATIC,
        valid=replace(promotion.valid, start=None, until=None),
        limits=replace(promotion.limits, total=None, budget=None),
    )


def _length(promotion: Promotion) -> tuple[int, bool]:
    valid = promotion.valid
    if valid.start is None or valid.until is None:
        return _OPEN_ENDED_DAYS, True
    return max(1, round((valid.until - valid.start) / _A_DAY)), False


def _catalogue(session: Session, sample: BasketSample) -> CatalogueFacts:
    skus = {line.sku for recorded in sample.baskets for line in recorded.basket.lines}
    return catalogue_facts(find_products(session, skus=skus))


def _by_group(
    baskets: Sequence[RecordedBasket],
) -> Iterator[tuple[int, list[RecordedBasket]]]:
    groups: defaultdict[int, list[RecordedBasket]] = defaultdict(list)
    for recorded in baskets:
        groups[recorded.group].append(recorded)
    yield from groups.items()


def _bootstrap(
    groups: Sequence[tuple[int, int]],
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return low, mean and high of the cost and of the uses of one group."""
    draw = Random(0)  # noqa: S311  # a fixed seed: the same draft, the same answer
    size = len(groups)
    costs, uses = [], []
    for _at in range(_RESAMPLES):
        chosen = draw.choices(groups, k=size)
        costs.append(sum(cost for cost, _use in chosen) / size)
        uses.append(sum(use for _cost, use in chosen) / size)
    costs.sort()
    uses.sort()
    low, high = int(_LOW * _RESAMPLES), int(_HIGH * _RESAMPLES)
    return (
        (costs[low], sum(cost for cost, _use in groups) / size, costs[high]),
        (uses[low], sum(use for _cost, use in groups) / size, uses[high]),
    )


def _capped(promotion: Promotion, amount: int) -> int:
    budget = promotion.limits.budget
    return amount if budget is None else min(amount, budget.amount)


def _nodes(audience: Audience | None) -> Iterator[Audience]:
    """Return every condition of an audience's tree."""
    if audience is None or isinstance(audience, HasCard):
        return
    yield audience
    if isinstance(audience, AllOf | AnyOf):
        for part in audience.parts:
            yield from _nodes(part)
    elif isinstance(audience, Not):
        yield from _nodes(audience.part)
