"""Adding up what a draft did, basket by basket."""

from collections import defaultdict
from datetime import date, datetime

from loyalty.promotions.rules.backtesting.bootstrapping import MOST_GROUPS, interval
from loyalty.promotions.values.backtests import (
    Backtest,
    Effect,
    Margin,
    Scene,
    Share,
    Window,
)

NO_SEGMENT = ""
NO_CARD = "-"


class Tally:
    """
    The sums of a back-test.

    It grows with days, stores and segments, and by a number for each customer to
    whom something was given; not with baskets.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._by_day: defaultdict[date, Share] = defaultdict(Share)
        self._by_store: defaultdict[str, Share] = defaultdict(Share)
        self._by_segment: defaultdict[str, Share] = defaultdict(Share)
        self._places: dict[int, int] = {}
        """In which order customers came first."""
        self._costs: list[int] = []
        self._worst: Effect | None = None
        self.baskets = 0
        self._concerned = self._touched = self._without_card = self._unproven = 0
        self._times = self._given = self._cost = self._points = self._before = 0
        self._known = [0, 0, 0]
        self._any_known = False
        self._below_cost = 0

    def see(self, window: Window) -> None:
        """Count the baskets of a window."""
        self.baskets += window.seen
        self._concerned += len(window.baskets)

    def note(self, effect: Effect, segments: tuple[str, ...] | None) -> None:
        """
        Add one basket.

        :param segments: the customer's, None without a card
        """
        self._touched += 1
        self._times += effect.times
        self._given += effect.given
        self._cost += effect.cost
        self._points += effect.points
        self._before += effect.before
        self._unproven += not effect.proven
        self._note_margin(effect)
        self._note_shopper(effect)
        if self._worst is None or effect.cost > self._worst.cost:
            self._worst = effect
        keys = (NO_CARD,) if segments is None else segments or (NO_SEGMENT,)
        shares = [self._by_day[effect.day], self._by_store[effect.store]]
        for share in (*shares, *(self._by_segment[key] for key in keys)):
            share.baskets += 1
            share.cost += effect.cost

    def result(self, *, limit_reached: datetime | None) -> Backtest:
        """
        Return everything that was added up.

        :param limit_reached: when the promotion's total or budget was
        """
        return Backtest(
            baskets=self.baskets,
            concerned=self._concerned,
            touched=self._touched,
            customers=len(self._places),
            without_card=self._without_card,
            times=self._times,
            given=self._given,
            cost=self._cost,
            points=self._points,
            # What a limit ends would end for other shoppers, too.
            interval=interval(self._costs, shoppers=self._scene.shoppers)
            if limit_reached is None and self._cost
            else None,
            margin=self._margin(),
            by_day=dict(sorted(self._by_day.items())),
            by_store=dict(sorted(self._by_store.items())),
            by_segment=dict(sorted(self._by_segment.items())),
            worst=self._worst,
            limit_reached=limit_reached,
            unproven=self._unproven,
        )

    def _note_margin(self, effect: Effect) -> None:
        figures = (effect.known_before, effect.known_after, effect.known_cost)
        self._any_known |= any(figures)
        for at, figure in enumerate(figures):
            self._known[at] += figure
        before, after, cost = figures
        self._below_cost += after < cost <= before

    def _note_shopper(self, effect: Effect) -> None:
        if effect.customer is None:
            # Somebody: nobody can say who.
            place = len(self._places) + self._without_card
            self._without_card += 1
        else:
            places = self._places
            place = places.setdefault(effect.customer, len(places) + self._without_card)
        group = place % MOST_GROUPS
        while len(self._costs) <= group:
            self._costs.append(0)
        self._costs[group] += effect.cost

    def _margin(self) -> Margin | None:
        if not self._any_known:
            return None
        before, after, cost = self._known
        return Margin(
            before=before,
            after=after,
            cost=cost,
            share=min(1.0, before / self._before) if self._before else 0.0,
            below_cost=self._below_cost,
        )
