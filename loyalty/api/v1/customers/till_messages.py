"""What a till of the shop's own should tell a member, and that it has."""

from http import HTTPStatus
from typing import Final

from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from loyalty.api.auth import caller
from loyalty.api.v1.answers import text, whole
from loyalty.api.v1.customers.views import CUSTOMER, ONE, resource
from loyalty.api.v1.operations import Operation, get, path_parameter, post
from loyalty.core.clock import utc_now
from loyalty.customers.queries import get_profile
from loyalty.customers.values import CustomerID
from loyalty.delivery.queries.tills import Reader, waiting_at_till
from loyalty.staff.values import ApiScope
from loyalty.usecases.tell_at_till import say
from loyalty.web.context import database

KEY: Final = path_parameter(
    "key",
    type="string",
    pattern="^[0-9a-f]{32}$",
    example="4f6b1c0de2a94f3b8a7d5c6e7f809112",
)


class TillMessageAnswer(Schema):
    """A message to be printed on the receipt or said."""

    key = text(metadata={"example": "4f6b1c0de2a94f3b8a7d5c6e7f809112"})
    text_ = text(data_key="text")
    offer = whole(allow_none=True)


class TillMessagesAnswer(Schema):
    """What waits for the member's visit, the oldest first."""

    language = text()
    messages = fields.List(fields.Nested(TillMessageAnswer), required=True)


@get(
    resource,
    Operation(
        path=f"{ONE}/till-messages",
        scope=ApiScope.CUSTOMERS_READ,
        answer=TillMessagesAnswer,
        problems=(HTTPStatus.NOT_FOUND,),
        parameters=[CUSTOMER],
    ),
)
def list_the_till_messages(customer: int) -> dict[str, object]:
    """List what waits at the till for a member.

    Print it on the receipt, or let staff say it, and then note it by its key. At most
    five at a visit, in the member's language.
    """
    with database().transaction() as session:
        return _waiting(session, CustomerID(customer))


@post(
    resource,
    Operation(
        path=f"{ONE}/till-messages/<key>/said",
        scope=ApiScope.PURCHASES_WRITE,
        answer=TillMessagesAnswer,
        problems=(HTTPStatus.NOT_FOUND,),
        parameters=[CUSTOMER, KEY],
    ),
)
def note_a_till_message(customer: int, key: str) -> dict[str, object]:
    """Note a message as printed or said: it is delivered, and waits no more.

    Answers with what still waits. 404 when this one does not.
    """
    customer_id = CustomerID(customer)
    with database().transaction() as session:
        say(
            session,
            customer_id=customer_id,
            key=key,
            actor=caller().actor,
            now=utc_now(),
        )
        session.flush()
        return _waiting(session, customer_id)


def _waiting(session: Session, customer_id: CustomerID) -> dict[str, object]:
    profile = get_profile(session, customer_id=customer_id)
    waiting = waiting_at_till(
        session,
        customer_id=customer_id,
        reader=Reader(language=profile.language, zone=profile.time_zone),
        now=utc_now(),
    )
    return {
        "language": profile.language,
        "messages": [
            {"key": one.key, "text_": one.text, "offer": one.offer_id}
            for one in waiting
        ],
    }
