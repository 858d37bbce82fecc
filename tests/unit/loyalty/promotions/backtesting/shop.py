"""A small shop's past, for back-tests."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ParamSpec, TypeVar

from loyalty.core.money import Money
from loyalty.promotions.rules.backtesting import Workforce, as_if_it_ran, backtest
from loyalty.promotions.values import (
    CustomerFacts,
    Limits,
    PercentOff,
    Product,
    Programme,
    Promotion,
    Selector,
)
from loyalty.promotions.values.backtests import (
    Backtest,
    Bought,
    Scene,
    Window,
)

P = ParamSpec("P")
T = TypeVar("T")

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PROGRAMME = Programme(currency="EUR", time_zone=UTC)


def eur(amount: int) -> Money:
    return Money(amount=amount, currency="EUR")


CATALOGUE = {
    "COFFEE": Product(sku="COFFEE", categories=("drinks/coffee",), cost=eur(400)),
    "TEA": Product(sku="TEA", categories=("drinks/tea",)),
    "BREAD": Product(sku="BREAD", categories=("bakery",)),
}
COFFEE = Selector(categories=("drinks/coffee",))


class AtOnce(Executor):
    """An executor that does the work when it is asked for."""

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        future: Future[T] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def off(percent: str = "20", on: Selector = COFFEE, **parts: Any) -> Promotion:  # noqa: ANN401  # its own fields
    """Return a draft: 20 % off coffee unless said otherwise."""
    values = {
        "code": "draft",
        "name": {"en": "Draft"},
        "currency": "EUR",
        "reward": PercentOff(percent=Decimal(percent), on=on),
        **parts,
    }
    return Promotion(**values)


def bought(
    number: int,
    customer: int | None,
    lines: Mapping[str, tuple[int, int]],
    *,
    hours: int | None = None,
    **parts: Any,  # noqa: ANN401  # its own fields
) -> Bought:
    """Return a purchase of so many units at a price each, by article."""
    return Bought(
        **{
            "id": number,
            "at": NOON + timedelta(hours=number if hours is None else hours),
            "store": "324",
            "sales_channel": "till",
            "currency": "EUR",
            "payment": "card",
            "delivery": 0,
            "customer": customer,
            "skus": tuple(lines),
            "thousandths": tuple(count * 1_000 for count, _ in lines.values()),
            "unit_prices": tuple(price for _, price in lines.values()),
            **parts,
        }
    )


def coffee(number: int, customer: int | None, cents: int, **parts: Any) -> Bought:  # noqa: ANN401  # its own fields
    """Return a purchase of one coffee."""
    return bought(number, customer, {"COFFEE": (1, cents)}, **parts)


def windows(
    baskets: Sequence[Bought],
    size: int = 1_000,
    customers: Mapping[int, CustomerFacts] | None = None,
) -> Iterator[Window]:
    """Give purchases in windows; everybody is a plain member unless said otherwise."""
    known = {one.customer: CustomerFacts() for one in baskets if one.customer}
    for start in range(0, len(baskets), size):
        part = tuple(baskets[start : start + size])
        yield Window(
            seen=len(part),
            baskets=part,
            products=CATALOGUE,
            customers=known if customers is None else customers,
        )


def scene(draft: Promotion, *others: Promotion, shoppers: int = 3) -> Scene:
    """Return what a back-test of the draft is made from."""
    return Scene(
        draft=as_if_it_ran(draft),
        others=others,
        programmes={"324": PROGRAMME, "5": PROGRAMME},
        shoppers=shoppers,
    )


def run(
    draft: Promotion,
    baskets: Sequence[Bought],
    *others: Promotion,
    customers: Mapping[int, CustomerFacts] | None = None,
    parts: int = 1,
    size: int = 1_000,
) -> Backtest:
    """Back-test a draft over purchases in the order of time."""
    return backtest(
        scene(draft, *others),
        windows(baskets, size, customers),
        workforce=Workforce(executor=AtOnce() if parts > 1 else None, parts=parts),
    )


def limited(
    *,
    per_customer: int | None = None,
    per_customer_per_day: int | None = None,
    total: int | None = None,
    budget: int | None = None,
) -> Limits:
    """Return limits; a budget in cents."""
    return Limits(
        per_customer=per_customer,
        per_customer_per_day=per_customer_per_day,
        total=total,
        budget=None if budget is None else eur(budget),
    )
