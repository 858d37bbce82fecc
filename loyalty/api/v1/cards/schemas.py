"""What requests about cards say, and how they are answered."""

from marshmallow import Schema, fields

from loyalty.api.v1.answers import moment, text
from loyalty.api.v1.fields import CardNumber, OneOf, Request, Text, TrueOrFalse
from loyalty.cards.values import BLOCK_REASONS, Card, CardReason, CardState

_LONGEST_NOTE = 200


def _note() -> Text:
    return Text(
        longest=_LONGEST_NOTE,
        load_default="",
        metadata={"example": "Told by phone.", "description": "Kept in the history."},
    )


class CardAnswer(Schema):
    """A card; the points belong to the customer, not to it."""

    number = text(metadata={"example": "2610000000000003"})
    state = text(metadata={"enum": [state.value for state in CardState]})
    reason = text(
        allow_none=True,
        metadata={
            "enum": [*(reason.value for reason in CardReason), None],
            "description": "Why it does not work any more.",
        },
    )
    customer = fields.Integer(
        required=True,
        metadata={"description": "After a merge, the record that stands for both."},
    )
    main = fields.Boolean(
        required=True, metadata={"description": "Chosen to be shown first."}
    )
    issued_at = moment()
    changed_at = moment(nullable=True)
    replaced_by = text(allow_none=True, metadata={"example": "2610000000000011"})


class CardsAnswer(Schema):
    """The cards of a customer: those that work first, among them the main one."""

    cards = fields.List(fields.Nested(CardAnswer), required=True)


class NewCardRequest(Request):
    """Which card to give out."""

    printed = CardNumber(
        load_default=None,
        allow_none=True,
        metadata={
            "example": None,
            "description": "The number of a card that was printed ahead; without it, "
            "a new number is drawn.",
        },
    )
    main = TrueOrFalse(
        load_default=False, metadata={"description": "Make it the main card."}
    )


class BlockRequest(Request):
    """Why the card must not work."""

    reason = OneOf(*(reason.value for reason in BLOCK_REASONS), required=True)
    note = _note()


class NoteRequest(Request):
    """What is worth knowing."""

    note = _note()


class ReplaceRequest(Request):
    """Why another card is given out, and which."""

    reason = OneOf(*(reason.value for reason in CardReason), required=True)
    printed = CardNumber(
        load_default=None,
        allow_none=True,
        metadata={
            "example": None,
            "description": "The number of a card that was printed ahead; without it, "
            "a new number is drawn.",
        },
    )
    note = _note()


def card_document(card: Card) -> dict[str, object]:
    """Return what ``CardAnswer`` shows of a card."""
    return {
        "number": card.number,
        "state": card.state.value,
        "reason": card.reason.value if card.reason else None,
        "customer": card.customer_id,
        "main": card.main,
        "issued_at": card.issued_at,
        "changed_at": card.changed_at,
        "replaced_by": card.replaced_by,
    }
