"""How much of a promotion's limits is gone, as a back-test goes through time."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from loyalty.promotions.values import Limits, Used
from loyalty.promotions.values.backtests import Effect


class Uses:
    """
    Counts a promotion's uses: in all, by customer and by customer and day.

    Only what a limit asks for is counted, so that nothing grows without need.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.total = 0
        self.given = 0
        self.limit_reached: datetime | None = None
        """When the total or the budget was used up, or first refused somebody."""
        self._by_customer: defaultdict[int, int] = defaultdict(int)
        self._by_day: defaultdict[int, dict[date, int]] = defaultdict(dict)

    @property
    def limits_customers(self) -> bool:
        """Test whether what a customer had decides what the customer can have."""
        limits = self._limits
        return (
            limits.per_customer is not None or limits.per_customer_per_day is not None
        )

    @property
    def is_used_up(self) -> bool:
        """Test whether nobody can have it any more."""
        total, budget = self._limits.total, self._limits.budget
        return (total is not None and self.total >= total) or (
            budget is not None and self.given >= budget.amount
        )

    def leaves(self, amount: int) -> bool:
        """Test whether what is left is enough to give so much once more."""
        budget = self._limits.budget
        return not self.is_used_up and (
            budget is None or self.given + amount <= budget.amount
        )

    def so_far(self, customer: int | None, day: date) -> Used:
        """Return what the engine reads of it, for a basket on that day."""
        if customer is None:
            return Used(total=self.total, given=self.given)
        return Used(
            total=self.total,
            given=self.given,
            by_customer=self._by_customer.get(customer, 0),
            today=self._by_day.get(customer, {}).get(day, 0),
        )

    def note(self, effect: Effect) -> None:
        """Count one use."""
        self.total += 1
        self.given += effect.given
        if self.is_used_up:
            self.refuse(effect.at)
        customer, day = effect.customer, effect.day
        if customer is None:
            return
        if self._limits.per_customer is not None:
            self._by_customer[customer] += 1
        if self._limits.per_customer_per_day is not None:
            # Purchases come in the order of time: older days are never asked for
            # again. One more is kept, for stores on the other side of a date line.
            days = self._by_day[customer]
            days[day] = days.get(day, 0) + 1
            for old in sorted(days)[:-2]:
                del days[old]

    def refuse(self, at: datetime) -> None:
        """Note that a limit is reached."""
        self.limit_reached = self.limit_reached or at

    def of(self, customers: Iterable[int]) -> "Uses":
        """Return a copy that knows these customers only."""
        part = Uses(self._limits)
        part.total, part.given = self.total, self.given
        for customer in customers:
            if customer in self._by_customer:
                part._by_customer[customer] = self._by_customer[customer]
            if customer in self._by_day:
                part._by_day[customer] = dict(self._by_day[customer])
        return part
