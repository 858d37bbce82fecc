"""What requests about members say, and how they are answered."""

from marshmallow import Schema, fields, validate

from loyalty.api.v1.answers import moment, text, whole
from loyalty.api.v1.fields import Language, Request, Text, TrueOrFalse
from loyalty.api.v1.members import CustomerAnswer
from loyalty.points.values import Kind


class EnrolmentRequest(Request):
    """What was said at the till."""

    store = Text(longest=32, required=True, metadata={"format": "store-code"})
    contact = Text(
        longest=254,
        required=True,
        metadata={
            "format": "contact",
            "description": "A phone number or an e-mail address.",
            "example": "anna@example.org",
        },
    )
    first_name = Text(longest=60, load_default="", metadata={"example": "Anna"})
    language = Language()
    personal_offers = TrueOrFalse(
        load_default=False,
        metadata={"description": "The customer said yes to personal offers."},
    )


class EnrolledAnswer(Schema):
    """Who it is, and whether they were a member before."""

    customer = fields.Nested(CustomerAnswer, required=True)
    card = text(
        allow_none=True,
        metadata={
            "example": "2610000000000003",
            "description": "Null when none of the member's cards works.",
        },
    )
    already_member = fields.Boolean(required=True)
    landline = fields.Boolean(
        required=True, metadata={"description": "No text messages reach it."}
    )


class LookupQuery(Request):
    """What was typed or scanned."""

    q = Text(
        longest=254,
        required=True,
        metadata={
            "format": "lookup",
            "description": "A card number, a phone number or an e-mail address.",
            "example": "anna@example.org",
        },
    )


class OffersQuery(Request):
    """How to say it."""

    language = Language()


class TransfersQuery(Request):
    """How much of the past."""

    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class OfferAnswer(Schema):
    """A promotion that was chosen for this customer, best first."""

    offer = whole()
    promotion = text(metadata={"example": "coffee-20"})
    name = text()
    terms = text()
    why = text(metadata={"example": "You often buy from Coffee."})
    campaign = text()
    valid_from = moment()
    valid_until = moment()


class OffersAnswer(Schema):
    """The offers that count now."""

    offers = fields.List(fields.Nested(OfferAnswer), required=True)


class TransferAnswer(Schema):
    """One movement of points; negative when they were taken."""

    version = whole()
    at = moment()
    kind = fields.Enum(Kind, by_value=True, required=True)
    points = whole()
    balance_after = whole()
    pending_after = whole()
    purchase = text(allow_none=True)


class ExpiryAnswer(Schema):
    """The next points to expire."""

    points = whole()
    at = moment()


class PointsOfCustomerAnswer(Schema):
    """The balance and the latest movements, the newest first."""

    balance = whole(metadata={"description": "Negative by what a return left owing."})
    spendable = whole(
        metadata={"description": "Without those that reserved quotes hold."}
    )
    pending = whole(metadata={"description": "Not to be spent yet."})
    next_expiry = fields.Nested(ExpiryAnswer, required=True, allow_none=True)
    transfers = fields.List(fields.Nested(TransferAnswer), required=True)
