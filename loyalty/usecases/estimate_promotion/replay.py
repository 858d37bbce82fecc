"""Pricing sampled baskets with a draft and without it."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.periods import business_day
from loyalty.customers.values import CustomerID
from loyalty.promotions.queries import active_promotions
from loyalty.promotions.queries.material import Material
from loyalty.promotions.queries.samples import RecordedBasket
from loyalty.promotions.rules.backtesting import Reach, Replay, as_if_it_ran
from loyalty.promotions.values import (
    CustomerFacts,
    Facts,
    Programme,
    Promotion,
    Strategy,
    Trigger,
    Used,
)
from loyalty.stores.queries import get_programme

_WORK_LIMIT: Final = 100
"""An estimate needs no proof that each price is the lowest."""


class Rehearsal:
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
        self._draft = _unlimited(as_if_it_ran(promotion))
        # Nobody of the past was offered the present's personal promotions.
        running = [
            stored
            for stored in active_promotions(session)
            if stored.promotion.code != promotion.code
            and stored.promotion.trigger is Trigger.AUTOMATIC
        ]
        self._reach = Reach(self._draft)
        self._replay = Replay(
            self._draft,
            [stored.promotion for stored in running],
            work_limit=_WORK_LIMIT,
        )
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
        catalogue = self._material.catalogue
        skus = (line.sku for line in recorded.basket.lines)
        if not self._reach.concerns(skus, catalogue):
            return 0, 0
        facts = Facts(
            catalogue=catalogue,
            customer=self._customer(recorded),
            used=self._used(recorded),
        )
        found = self._replay.try_on(
            recorded.basket,
            facts,
            self._programme,
            before=self._before.get(recorded.key),
        )
        if found is None:
            return 0, 0
        self._before[recorded.key] = found.before
        self._note(recorded)
        return found.cost, 1

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


def _unlimited(promotion: Promotion) -> Promotion:
    """Return it without the limits that only all baskets together could reach."""
    return replace(promotion, limits=replace(promotion.limits, total=None, budget=None))
