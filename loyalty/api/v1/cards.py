"""Cards."""

from http import HTTPStatus

from marshmallow import Schema, fields

from loyalty.api.v1.answers import moment, text
from loyalty.api.v1.operations import Operation, Resource, get, path_parameter
from loyalty.cards.queries import CardNotFound, find_card
from loyalty.cards.values import CardState
from loyalty.core.errors import Invalid, Problem
from loyalty.core.texts import gettext as _
from loyalty.staff.values import ApiScope
from loyalty.web.context import database

resource = Resource("Cards", "Loyalty cards by their numbers.")


class CardAnswer(Schema):
    """A card; the points belong to the customer, not to it."""

    number = text(metadata={"example": "2610000000000003"})
    state = text(metadata={"enum": [state.value for state in CardState]})
    customer = fields.Integer(required=True)
    issued_at = moment()


@get(
    resource,
    Operation(
        path="/cards/<string:number>",
        scope=ApiScope.CARDS_READ,
        answer=CardAnswer,
        problems=(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
        parameters=[
            path_parameter(
                "number",
                type="string",
                minLength=1,
                format="card-number",
                description="16 digits, which may be grouped.",
                example="2610000000000003",
            )
        ],
    ),
)
def show_a_card(number: str) -> dict[str, object]:
    """Return a card.

    In whatever state it is. A number whose check digit does not fit is refused (422).
    """
    try:
        with database().transaction() as session:
            card = find_card(session, number=number)
    except Invalid as refusal:
        raise Invalid(
            Problem(pointer="/path/number", message=one.message, code=one.code)
            for one in refusal.problems
        ) from refusal
    if card is None:
        raise CardNotFound(_("No card has the number %(number)s.", number=number))
    return {
        "number": card.number,
        "state": card.state.value,
        "customer": card.customer_id,
        "issued_at": card.issued_at,
    }
