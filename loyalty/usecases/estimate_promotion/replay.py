"""Pricing recorded baskets with a draft and without it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.periods import business_day
from loyalty.customers.values import CustomerID
from loyalty.promotions.queries import active_promotions
from loyalty.promotions.queries.samples import RecordedBasket
from loyalty.promotions.rules.compiling import Compiled, compile_promotions
from loyalty.promotions.rules.pricing import price
from loyalty.promotions.rules.selecting import items_of
from loyalty.promotions.values import (
    CustomerFacts,
    Facts,
    Programme,
    Promotion,
    Quote,
    Strategy,
    Trigger,
    Used,
)
from loyalty.stores.queries import get_programme
from loyalty.usecases.estimate_promotion.material import Material

_WORK_LIMIT: Final = 100
"""An estimate needs no proof that each price is the lowest."""


class Replay:
    """Prices one basket after the other, counting the draft's uses as it goes."""

    def __init__(
        self,
        session: Session,
        promotion: Promotion,
        material: Material,
        *,
        window_days: int,
    ) -> None:
        programme = get_programme(session)
        self._draft = _as_if_it_ran(promotion)
        # Nobody of the past was offered the present's personal promotions.
        running = [
            stored
            for stored in active_promotions(session)
            if stored.promotion.code != promotion.code
            and stored.promotion.trigger is Trigger.AUTOMATIC
        ]
        others = [stored.promotion for stored in running]
        self._with = compile_promotions([*others, self._draft])
        self._without = compile_promotions(others)
        self._alone = compile_promotions([self._draft])
        self._programme = Programme(
            currency=programme.currency,
            time_zone=programme.time_zone,
            strategy=Strategy(programme.strategy),
        )
        self._material = material
        key = tuple((stored.promotion.code, stored.version) for stored in running)
        self._before = material.before.setdefault(key, {})
        self._window_days = window_days
        self._uses: defaultdict[tuple[CustomerID, date | int], int] = defaultdict(int)

    def try_on(self, recorded: RecordedBasket) -> tuple[int, int]:
        """Return what the draft takes off this basket, in minor units, and its uses."""
        items = items_of(recorded.basket, self._material.catalogue)
        if not self._alone.touching(items):
            return 0, 0
        after = self._price(self._with, recorded, self._used(recorded))
        if all(applied.promotion != self._draft.code for applied in after.applied):
            return 0, 0
        self._note(recorded)
        return self._cost_before(recorded) - after.net.amount, 1

    def _cost_before(self, recorded: RecordedBasket) -> int:
        known = self._before.get(recorded.key)
        if known is None:
            known = self._price(self._without, recorded, {}).net.amount
            self._before[recorded.key] = known
        return known

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
                catalogue=self._material.catalogue,
                customer=self._customer(recorded),
                used=used,
            ),
            programme=self._programme,
            work_limit=_WORK_LIMIT,
        )

    def _customer(self, recorded: RecordedBasket) -> CustomerFacts | None:
        if recorded.customer_id is None:
            return None
        return self._material.customers.get(recorded.customer_id)

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

    def _day(self, recorded: RecordedBasket) -> tuple[date, int]:
        day = business_day(recorded.basket.at, self._programme.time_zone)
        return day, (day - self._material.first_day).days // self._window_days


def _as_if_it_ran(promotion: Promotion) -> Promotion:
    """Return it as it would have been in the past weeks, for all it is for."""
    return replace(
        promotion,
        trigger=Trigger.AUTOMATIC,
        valid=replace(promotion.valid, start=None, until=None),
        limits=replace(promotion.limits, total=None, budget=None),
    )
