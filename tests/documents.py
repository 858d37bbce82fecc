"""Every document that a promotion can have: samples, and changes of every field.

The fields are read off the values of the document themselves, and so are other values
for each, so that a field which is added is found.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from loyalty.core.errors import Invalid
from loyalty.core.money import Money
from loyalty.core.periods import WeeklyWindow
from loyalty.promotions import values as v
from loyalty.promotions.schema import dump_promotion, load_promotion

Field = tuple[type, str]


def eur(amount: int) -> Money:
    return Money(amount=amount, currency="EUR")


COFFEE = v.Selector(categories=("drinks/coffee",))
SAMPLES: Final[Mapping[type, tuple[Any, ...]]] = {
    v.Selector: (
        COFFEE,
        v.Selector(everything=True),
        v.Selector(everything=True, exclude=COFFEE),
        v.Selector(
            skus=("A",),
            brands=("Nova",),
            tags=("bio",),
            categories=("drinks",),
            price_at_least=eur(200),
            price_below=eur(900),
        ),
    ),
    v.Counted: (
        v.Counted(of=COFFEE, quantity=2),
        v.Counted(of=v.Selector(everything=True), quantity=1),
    ),
    v.Units: (v.Units(at_most=2, which=v.Which.CHEAPEST),),
    v.Range: (v.Range(at_least=2, below=30), v.Range(at_least=2), v.Range(below=30)),
    v.Spend: (v.Spend(on=v.Selector(everything=True), at_least=eur(900)),),
    v.Quantity: (v.Quantity(of=COFFEE, at_least=2),),
    v.Payment: (v.Payment(ways=("card", "cash")), v.Payment(ways=("Twint",))),
    v.Limits: (
        v.Limits(),
        v.Limits(
            per_purchase=1,
            per_customer=2,
            per_customer_per_day=1,
            total=9,
            budget=eur(50_000),
        ),
    ),
    WeeklyWindow: (
        WeeklyWindow(days=frozenset({0, 4}), start=960, until=1080),
        WeeklyWindow(days=frozenset({0}), start=1320, until=1440),
    ),
    v.Validity: (
        v.Validity(),
        v.Validity(
            start=datetime(2026, 11, 1),  # noqa: DTZ001  # read on each store's clock
            until=datetime(2026, 12, 1),  # noqa: DTZ001  # the same
            weekly=(WeeklyWindow(days=frozenset({0}), start=960, until=600),),
            stores=("324", "7"),
            sales_channels=("till", "kiosk"),
        ),
    ),
    v.AllOf: (v.AllOf(parts=(v.InTier(tier="gold"), v.HasCard(has_card=True))),),
    v.AnyOf: (v.AnyOf(parts=(v.InTier(tier="gold"), v.InSegment(segment="vip"))),),
    v.Not: (v.Not(part=v.InTier(tier="gold")),),
    v.InSegment: (v.InSegment(segment="vip"),),
    v.InTier: (v.InTier(tier="gold"),),
    v.MemberForDays: (v.MemberForDays(days=v.Range(at_least=2, below=30)),),
    v.PurchaseCount: (
        v.PurchaseCount(count=v.Range(at_least=2, below=30), within_days=60),
    ),
    v.Spent: (
        v.Spent(at_least=eur(1_000), below=eur(9_000), within_days=60),
        v.Spent(at_least=eur(1_000)),
        v.Spent(below=eur(9_000)),
    ),
    v.DaysSincePurchase: (v.DaysSincePurchase(days=v.Range(at_least=2, below=30)),),
    v.BirthdayWithinDays: tuple(v.BirthdayWithinDays(days=n) for n in (0, 1, 7)),
    v.InterestedIn: (v.InterestedIn(categories=("drinks/coffee", "drinks/tea")),),
    v.Speaks: (v.Speaks(language="pl"),),
    v.HomeStore: (v.HomeStore(store="324"),),
    v.HasCard: (v.HasCard(has_card=True),),
    v.PercentOff: (
        v.PercentOff(percent=Decimal(20), on=COFFEE),
        v.PercentOff(
            percent=Decimal(20),
            on=v.Selector(everything=True),
            units=v.Units(at_most=1, which=v.Which.DEAREST),
            at_most=eur(500),
        ),
    ),
    v.AmountOff: (v.AmountOff(amount=eur(100), on=COFFEE, per=v.Per.UNIT),),
    v.FixedPrice: (v.FixedPrice(price=eur(300), on=COFFEE),),
    v.BuyGet: (
        v.BuyGet(
            buy=v.Counted(of=COFFEE, quantity=2),
            get=v.Counted(of=v.Selector(skus=("A",)), quantity=1),
            percent=Decimal(50),
        ),
    ),
    v.Bundle: (v.Bundle(parts=(v.Counted(of=COFFEE, quantity=2),), price=eur(500)),),
    v.Step: (
        v.Step(at_least=9, percent=Decimal(15)),
        v.Step(at_least=eur(9_000), percent=Decimal(15)),
    ),
    v.Steps: (
        v.Steps(
            by=v.StepsBy.QUANTITY,
            on=COFFEE,
            steps=(
                v.Step(at_least=3, percent=Decimal(5)),
                v.Step(at_least=6, amount=eur(700)),
            ),
        ),
        v.Steps(
            by=v.StepsBy.SPEND,
            on=COFFEE,
            steps=(v.Step(at_least=eur(3_000), percent=Decimal(5)),),
        ),
    ),
    v.FreeItem: (v.FreeItem(sku="MUG", quantity=1),),
    v.FreeDelivery: (v.FreeDelivery(), v.FreeDelivery(at_most=eur(490))),
    v.PointsTimes: (v.PointsTimes(factor=Decimal(2), on=COFFEE),),
    v.PointsPlus: (v.PointsPlus(points=25),),
}
"""Values of every part of the document to begin from."""


NO_OTHERS: Final = (Mapping[str, str],)
"""Types of which no other values are given: names by language."""

FIRST: Final[Mapping[object, object]] = {
    int: 3,
    Decimal: Decimal(7),
    Money: eur(321),
    str: "Some",
    datetime: datetime(2026, 7, 1),  # noqa: DTZ001  # read on each store's clock
}
"""What stands where there was nothing."""


def promotion(**parts: Any) -> v.Promotion:  # noqa: ANN401  # any part of it
    return v.Promotion(
        **{
            "code": "p",
            "name": {"en": "P"},
            "currency": "EUR",
            "reward": SAMPLES[v.PercentOff][0],
            **parts,
        }
    )


def beginnings() -> Iterator[v.Promotion]:
    """Give a promotion with each sample in each place where it can stand."""
    places: dict[str, Any] = {
        "reward": v.Reward,
        "audience": v.Audience,
        "valid": v.Validity,
        "limits": v.Limits,
    }
    for name, hint in places.items():
        for kind in arms(hint):
            for sample in SAMPLES[kind]:
                yield promotion(**{name: sample})
    for kind in arms(v.Requirement):
        for sample in SAMPLES[kind]:
            yield promotion(requires=(sample,))
    yield promotion(
        requires=SAMPLES[v.Spend],
        reward=v.PercentOff(percent=Decimal(5), on=v.Selector(everything=True)),
    )


def arms(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401  # a type of any kind
    """Return what a type may be, itself or the arms of a union."""
    return get_args(hint) if get_origin(hint) in (UnionType, Union) else (hint,)


def others(hint: Any, value: object) -> Iterator[object]:  # noqa: ANN401  # see above
    """Give values of the type that are not this one."""
    for arm in arms(hint):
        for other in _of(arm, value):
            if other != value:
                yield other


def _of(arm: Any, value: object) -> Iterator[object]:  # noqa: ANN401  # see above
    if arm is NoneType:
        yield None
    elif get_origin(arm) is tuple:
        (inner, _more) = get_args(arm)
        now = value if isinstance(value, tuple) else ()
        more = next(iter(others(inner, now[0] if now else None)))
        yield from (now[1:], now[:-1], (*now, more), (more, *now[1:]))
    elif arm in SAMPLES:
        yield from SAMPLES[arm]
    elif isinstance(arm, type) and issubclass(arm, Enum):
        yield from arm
    else:
        yield _near(arm, value)


def _near(arm: Any, value: object) -> object:  # noqa: ANN401  # see above
    near: object = FIRST.get(arm)
    match value:
        case bool():
            near = not value
        case int() if arm is int:
            near = value + 1
        case Decimal() if arm is Decimal:
            near = value + Decimal("0.25")
        case Money() if arm is Money:
            near = value + eur(1)
        case str() if arm is str:
            near = "fa" if value == "pl" else f"{value}x"
        case datetime() if arm is datetime:
            near = value + timedelta(minutes=1)
        case frozenset():
            near = value ^ {2}
    assert near is not None, f"Say in this test what other values of {arm} there are."
    return near


def mutants(whole: Any) -> Iterator[tuple[Field, Any]]:  # noqa: ANN401  # any value
    """Give copies of a value in which one field, however deep, is another."""
    hints = get_type_hints(type(whole))
    for field in fields(whole):
        place = (type(whole), field.name)
        value = getattr(whole, field.name)
        if hints[field.name] not in NO_OTHERS:
            for other in others(hints[field.name], value):
                yield place, replace(whole, **{field.name: other})
        for deep, inner in _inside(value):
            yield deep, replace(whole, **{field.name: inner})


def _inside(value: object) -> Iterator[tuple[Field, object]]:
    if is_dataclass(value) and not isinstance(value, Money | type):
        yield from mutants(value)
    elif isinstance(value, tuple):
        for at, one in enumerate(value):
            for deep, inner in _inside(one):
                yield deep, (*value[:at], inner, *value[at + 1 :])


def document_fields(kind: Any, known: set[Field] | None = None) -> set[Field]:  # noqa: ANN401  # a dataclass
    """Return every field that a document can have, found by its type."""
    found = set() if known is None else known
    for name, hint in get_type_hints(kind).items():
        if (kind, name) in found:
            continue
        found.add((kind, name))
        for arm in arms(hint):
            inner = get_args(arm)[0] if get_origin(arm) is tuple else arm
            for one in arms(inner):
                if is_dataclass(one) and one is not Money:
                    document_fields(one, found)
    return found


def accepted(mutant: v.Promotion) -> bool:
    """Test whether a document can say it."""
    try:
        return load_promotion(dump_promotion(mutant), currency="EUR") == mutant
    except (Invalid, AttributeError):
        return False


def together() -> dict[Field, tuple[v.Promotion, v.Promotion]]:
    """Return pairs for the fields that the schema lets change with another only."""
    ten_units = (v.Step(at_least=10, percent=Decimal(5)),)
    ten_euros = (v.Step(at_least=eur(1_000), percent=Decimal(5)),)
    return {
        (v.Steps, "by"): (
            promotion(
                reward=v.Steps(by=v.StepsBy.QUANTITY, on=COFFEE, steps=ten_units)
            ),
            promotion(reward=v.Steps(by=v.StepsBy.SPEND, on=COFFEE, steps=ten_euros)),
        ),
        (v.Selector, "everything"): (
            promotion(reward=v.PercentOff(percent=Decimal(5), on=COFFEE)),
            promotion(
                reward=v.PercentOff(percent=Decimal(5), on=v.Selector(everything=True))
            ),
        ),
    }
