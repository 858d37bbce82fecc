"""The rewards of promotion documents, one row each in ``REWARDS``."""

from decimal import Decimal

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from loyalty.promotions.schema.fields import (
    DecimalText,
    Loaded,
    MoneyText,
    Part,
    Several,
    Tagged,
    Text,
    Whole,
    same,
)
from loyalty.promotions.schema.parts import CountedPart, SelectorPart
from loyalty.promotions.values import (
    AmountOff,
    Bundle,
    BuyGet,
    Counted,
    FixedPrice,
    FreeDelivery,
    FreeItem,
    Per,
    PercentOff,
    PointsPlus,
    PointsTimes,
    Step,
    Steps,
    StepsBy,
    Units,
    Which,
)


class UnitsPart(Part):
    """At most so many units."""

    builds = Units
    at_most = Whole(least=1, required=True)
    which = fields.Enum(Which, by_value=True, required=True)


class PercentOffPart(Part):
    """``percent_off``."""

    builds = PercentOff
    percent = DecimalText(required=True)
    on = fields.Nested(SelectorPart, required=True)
    units = fields.Nested(UnitsPart, load_default=None, allow_none=True)
    at_most = MoneyText(least=1, load_default=None, allow_none=True)


class AmountOffPart(Part):
    """``amount_off``."""

    builds = AmountOff
    amount = MoneyText(least=1, required=True)
    on = fields.Nested(SelectorPart, required=True)
    per = fields.Enum(Per, by_value=True, required=True)
    units = fields.Nested(UnitsPart, load_default=None, allow_none=True)


class FixedPricePart(Part):
    """``fixed_price``."""

    builds = FixedPrice
    price = MoneyText(required=True)
    on = fields.Nested(SelectorPart, required=True)
    units = fields.Nested(UnitsPart, load_default=None, allow_none=True)


class GetPart(CountedPart):
    """What a bought set reduces."""

    percent = DecimalText(required=True)

    @post_load
    def build(self, data: Loaded, **_: object) -> object:
        """Return the units and the percentage."""
        get = Counted(of=self.selector(data), quantity=data["quantity"])
        return get, data["percent"]


class BuyGetPart(Schema):
    """``buy_get``."""

    buy = fields.Nested(CountedPart, required=True)
    get = fields.Nested(GetPart, required=True)

    @post_load
    def build(self, data: Loaded, **_: object) -> object:
        """Return the reward."""
        get, percent = data["get"]
        return BuyGet(buy=data["buy"], get=get, percent=percent)


class BundlePart(Part):
    """``bundle``."""

    builds = Bundle
    parts = Several(fields.Nested(CountedPart), required=True)
    price = MoneyText(required=True)


class StepPart(Schema):
    """One step; what ``at_least`` is depends on what steps are measured by."""

    at_least = fields.Raw(required=True)
    percent = DecimalText(load_default=None, allow_none=True)
    amount = MoneyText(least=1, load_default=None, allow_none=True)

    @validates_schema
    def check(self, data: Loaded, **_: object) -> None:
        """Ask for exactly one of the two."""
        if (data.get("percent") is None) == (data.get("amount") is None):
            message = 'Must have exactly one of "percent" and "amount".'
            raise ValidationError(message)


class StepsPart(Schema):
    """``steps``."""

    by = fields.Enum(StepsBy, by_value=True, required=True)
    on = fields.Nested(SelectorPart, required=True)
    steps = Several(fields.Nested(StepPart), required=True)

    @post_load
    def build(self, data: Loaded, **_: object) -> object:
        """Read each ``at_least`` by what is measured, and ask for rising steps."""
        by_spend = data["by"] is StepsBy.SPEND
        field = MoneyText() if by_spend else Whole(least=1)
        steps: list[Step] = []
        for at, step in enumerate(data["steps"]):
            where = {"steps": {at: {"at_least": [""]}}}
            try:
                least = field.deserialize(step["at_least"])
            except ValidationError as error:
                where["steps"][at]["at_least"] = list(error.messages)
                raise ValidationError(where) from error
            if steps and not steps[-1].at_least < least:
                where["steps"][at]["at_least"] = ["Must be above the step before."]
                raise ValidationError(where)
            steps.append(
                Step(at_least=least, percent=step["percent"], amount=step["amount"])
            )
        return Steps(by=data["by"], on=data["on"], steps=tuple(steps))


class FreeItemPart(Part):
    """``free_item``."""

    builds = FreeItem
    sku = Text(required=True)
    quantity = Whole(least=1, load_default=1)


class FreeDeliveryPart(Part):
    """``free_delivery``."""

    builds = FreeDelivery
    at_most = MoneyText(least=1, load_default=None, allow_none=True)


class PointsTimesPart(Part):
    """``points_times``."""

    builds = PointsTimes
    factor = DecimalText(above=Decimal(1), most=Decimal(100), required=True)
    on = fields.Nested(SelectorPart, required=True)


class PointsPlusPart(Part):
    """``points_plus``."""

    builds = PointsPlus
    points = Whole(least=1, most=1_000_000, required=True)


REWARDS = {
    "percent_off": (fields.Nested(PercentOffPart), same),
    "amount_off": (fields.Nested(AmountOffPart), same),
    "fixed_price": (fields.Nested(FixedPricePart), same),
    "buy_get": (fields.Nested(BuyGetPart), same),
    "bundle": (fields.Nested(BundlePart), same),
    "steps": (fields.Nested(StepsPart), same),
    "free_item": (fields.Nested(FreeItemPart), same),
    "free_delivery": (fields.Nested(FreeDeliveryPart), same),
    "points_times": (fields.Nested(PointsTimesPart), same),
    "points_plus": (fields.Nested(PointsPlusPart), same),
}
"""Each reward of the document: how it is read, what is made of it."""


class RewardField(Tagged):
    """Exactly one reward."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(lambda: REWARDS, required=required)
