"""The quote as the API answers it; amounts are decimal texts of the currency."""

from typing import Any, Final

from marshmallow import Schema, fields

from loyalty.api.errors import ProblemDetails
from loyalty.promotions.values import MissedReason

AMOUNT: Final = r"^-?[0-9]+(\.[0-9]+)?$"


def amount(*, example: str = "19.99", nullable: bool = False) -> fields.String:
    """Return a field that holds money."""
    return fields.String(
        required=True,
        allow_none=nullable,
        metadata={"pattern": AMOUNT, "example": example},
    )


def text(**rest: Any) -> fields.String:  # noqa: ANN401 - handed on to marshmallow
    """Return a field that every answer has."""
    return fields.String(required=True, **rest)


def whole(**rest: Any) -> fields.Integer:  # noqa: ANN401 - handed on to marshmallow
    """Return a whole number that every answer has."""
    return fields.Integer(required=True, **rest)


def moment(*, nullable: bool = False) -> fields.AwareDateTime:
    """Return a moment in UTC (RFC 3339)."""
    return fields.AwareDateTime(required=True, allow_none=nullable, format="iso")


class DeliveryAnswer(Schema):
    """What the delivery costs."""

    gross = amount(example="4.90")
    discount = amount(example="0.00")
    net = amount(example="4.90")


class LineApplicationAnswer(Schema):
    """What one promotion takes off a line."""

    promotion = text(metadata={"example": "coffee-20"})
    amount = amount(example="0.80")


class LineAnswer(Schema):
    """A line as priced."""

    line = text(metadata={"example": "1"})
    gross = amount(example="3.98")
    discount = amount(example="0.80")
    net = amount(example="3.18")
    applications = fields.List(fields.Nested(LineApplicationAnswer), required=True)


class AppliedAnswer(Schema):
    """A promotion that gave something."""

    promotion = text(metadata={"example": "coffee-20"})
    name = text()
    terms = text(metadata={"description": "The full conditions in plain sentences."})
    amount = amount(example="0.80")
    points = whole(metadata={"description": "Extra points that it gave."})
    times = whole(metadata={"description": "How often it applied."})
    code = text(allow_none=True)


class MissedAnswer(Schema):
    """A promotion that could have been expected and did not apply."""

    promotion = text(allow_none=True)
    reason = text(metadata={"enum": [reason.value for reason in MissedReason]})
    message = text(metadata={"example": "Add €2.30 of coffee to get 20% off coffee."})
    code = fields.String()
    retry_after = fields.Integer(
        metadata={"description": "Seconds after which codes are looked up again."}
    )
    short_by = fields.String(metadata={"pattern": AMOUNT})
    missing = fields.Integer()


class EarnedAnswer(Schema):
    """Where points come from."""

    rule = text(metadata={"example": "1 point per €1.00"})
    promotion = text(allow_none=True)
    points = whole()


class PointsAnswer(Schema):
    """Points of a basket."""

    earned = whole()
    why = fields.List(fields.Nested(EarnedAnswer), required=True)
    balance_after = whole(
        allow_none=True, metadata={"description": "null without a card."}
    )


class TenderAnswer(Schema):
    """One part of how a basket is paid, or of what is paid back."""

    tender = text(metadata={"enum": ["points", "gift_card", "stored_value", "payment"]})
    amount = amount(example="1.00")
    points = whole(metadata={"description": "Where the tender is points."})
    payment = text(
        allow_none=True, metadata={"description": "The `payment` that was sent."}
    )


class QuoteAnswer(Schema):
    """A priced basket; ``net`` and ``discount`` are the goods alone."""

    quote = text(
        metadata={
            "example": "q1Zr0S8cQm2f7yXb9KdLwT3a",
            "description": "Under which the price and its grounds are kept.",
        },
    )
    reserved_until = moment(nullable=True)
    currency = text(metadata={"example": "EUR"})
    gross = amount(example="3.98")
    discount = amount(example="0.80")
    net = amount(example="3.18")
    delivery = fields.Nested(DeliveryAnswer, required=True)
    lines = fields.List(fields.Nested(LineAnswer), required=True)
    applied = fields.List(fields.Nested(AppliedAnswer), required=True)
    missed = fields.List(fields.Nested(MissedAnswer), required=True)
    points = fields.Nested(PointsAnswer, required=True)
    tenders = fields.List(
        fields.Nested(TenderAnswer),
        required=True,
        metadata={
            "description": "How it is paid; `payment` is what is left to pay in money."
        },
    )
    unknown_skus = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Priced, though the catalogue does not know them."},
    )
    optimal = fields.Boolean(
        required=True,
        metadata={"description": "No permitted combination is cheaper."},
    )
    bound = fields.String(
        metadata={
            "pattern": AMOUNT,
            "description": "If not optimal: the least price that could still exist.",
        }
    )


class RecordedAnswer(QuoteAnswer):
    """A purchase as recorded, with the price that was paid."""

    purchase = text(metadata={"example": "4711"})
    receipt = text(metadata={"example": "T3-000123"})


class UsedUpProblem(ProblemDetails):
    """What a purchase is refused with when it can't be recorded as it stands."""

    quote = fields.Nested(
        QuoteAnswer,
        metadata={"description": "When the price is another now: what it costs."},
    )
