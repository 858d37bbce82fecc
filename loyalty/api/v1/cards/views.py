"""The operations on cards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from sqlalchemy.orm import Session

from loyalty.api.auth import caller
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.cards.schemas import (
    BlockRequest,
    CardAnswer,
    CardsAnswer,
    NewCardRequest,
    NoteRequest,
    ReplaceRequest,
    card_document,
)
from loyalty.api.v1.customers import CUSTOMER
from loyalty.api.v1.fields import LARGEST_ID
from loyalty.api.v1.operations import Operation, Resource, get, path_parameter, post
from loyalty.cards.queries import get_card, list_cards
from loyalty.cards.service import (
    attach_card,
    block_card,
    close_card,
    issue_card,
    make_main,
    replace_card,
    unblock_card,
)
from loyalty.cards.values import Card, CardReason
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, Problem
from loyalty.customers.queries import get_row, standing_record
from loyalty.customers.values import CustomerID
from loyalty.staff.values import ApiScope
from loyalty.stores.queries import get_programme
from loyalty.web.context import database

resource = Resource("Cards", "Loyalty cards by their numbers.")

NUMBER: Final = path_parameter(
    "number",
    type="string",
    minLength=1,
    format="card-number",
    description="16 digits, which may be grouped.",
    example="2610000000000003",
)
_OF_CUSTOMER: Final = "/customers/<int:customer>/cards"
"""Without a range: of two methods of one address, a range answers 405 for 404."""

_REFUSED: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


@get(
    resource,
    Operation(
        path="/cards/<string:number>",
        scope=ApiScope.CARDS_READ,
        answer=CardAnswer,
        problems=(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
        parameters=[NUMBER],
    ),
)
def show_a_card(number: str) -> dict[str, object]:
    """Return a card.

    In whatever state it is. A number whose check digit does not fit is refused (422).
    """
    with _number_in_path(), database().transaction() as session:
        return card_document(get_card(session, number=number))


@get(
    resource,
    Operation(
        path=_OF_CUSTOMER,
        scope=ApiScope.CARDS_READ,
        answer=CardsAnswer,
        problems=(HTTPStatus.NOT_FOUND,),
        parameters=[CUSTOMER],
    ),
)
def list_the_cards(customer: int) -> dict[str, object]:
    """List the cards of a member.

    Those that work first, among them the main one.
    """
    with database().transaction() as session:
        row = get_row(session, customer_id=_in_range(customer))
        cards = list_cards(session, customer_id=row.id)
    return {"cards": [card_document(card) for card in cards]}


@post(
    resource,
    Operation(
        path=_OF_CUSTOMER,
        scope=ApiScope.CARDS_WRITE,
        body=NewCardRequest,
        example={"main": True},
        answer=CardAnswer,
        status=HTTPStatus.CREATED,
        problems=_REFUSED,
        parameters=[CUSTOMER],
    ),
)
def give_a_card(body: Body, customer: int) -> dict[str, object]:
    """Give a member one more card.

    A new number, or a card that was printed ahead. The others go on working.
    """
    now, actor = utc_now(), caller().actor
    with database().transaction() as session:
        row = get_row(session, customer_id=_in_range(customer))
        holder = standing_record(session, customer_id=row.id)
        if body["printed"] is None:
            card = issue_card(
                session,
                customer_id=holder,
                prefix=get_programme(session).card_prefix,
                actor=actor,
                now=now,
            )
        else:
            card = attach_card(
                session,
                customer_id=holder,
                number=body["printed"],
                actor=actor,
                now=now,
            )
        if body["main"]:
            card = make_main(session, number=card.number, actor=actor, now=now)
    return card_document(card)


@post(
    resource,
    Operation(
        path="/cards/<string:number>/block",
        scope=ApiScope.CARDS_WRITE,
        body=BlockRequest,
        example={"reason": "lost", "note": "Told by phone."},
        answer=CardAnswer,
        problems=_REFUSED,
        parameters=[NUMBER],
    ),
)
def block_a_card(body: Body, number: str) -> dict[str, object]:
    """Block a card.

    It was lost or stolen. It stops working at every till with the answer.
    """
    return _change(
        lambda session: block_card(
            session,
            number=number,
            reason=CardReason(body["reason"]),
            text=body["note"],
            actor=caller().actor,
            now=utc_now(),
        )
    )


@post(
    resource,
    Operation(
        path="/cards/<string:number>/unblock",
        scope=ApiScope.CARDS_WRITE,
        body=NoteRequest,
        example={"note": "Was in the other coat."},
        answer=CardAnswer,
        problems=_REFUSED,
        parameters=[NUMBER],
    ),
)
def unblock_a_card(body: Body, number: str) -> dict[str, object]:
    """Unblock a card.

    It turned up and works again, at every till with the answer.
    """
    return _change(
        lambda session: unblock_card(
            session,
            number=number,
            text=body["note"],
            actor=caller().actor,
            now=utc_now(),
        )
    )


@post(
    resource,
    Operation(
        path="/cards/<string:number>/replace",
        scope=ApiScope.CARDS_WRITE,
        body=ReplaceRequest,
        example={"reason": "damaged"},
        answer=CardAnswer,
        status=HTTPStatus.CREATED,
        problems=_REFUSED,
        parameters=[NUMBER],
    ),
)
def replace_a_card(body: Body, number: str) -> dict[str, object]:
    """Replace a card.

    The answer is the new one. The points belong to the customer: nothing moves.
    """
    return _change(
        lambda session: replace_card(
            session,
            number=number,
            reason=CardReason(body["reason"]),
            by=body["printed"],
            text=body["note"],
            actor=caller().actor,
            now=utc_now(),
        )
    )


@post(
    resource,
    Operation(
        path="/cards/<string:number>/close",
        scope=ApiScope.CARDS_WRITE,
        body=NoteRequest,
        example={"note": "Does not want it any more."},
        answer=CardAnswer,
        problems=_REFUSED,
        parameters=[NUMBER],
    ),
)
def close_a_card(body: Body, number: str) -> dict[str, object]:
    """Close a card for good.

    The points stay with the customer.
    """
    return _change(
        lambda session: close_card(
            session,
            number=number,
            text=body["note"],
            actor=caller().actor,
            now=utc_now(),
        )
    )


def _in_range(customer: int) -> CustomerID:
    """Return the number, or nobody's if it is larger than any can be."""
    return CustomerID(min(customer, LARGEST_ID + 1))


def _change(change: Callable[[Session], Card]) -> dict[str, object]:
    with _number_in_path(), database().transaction() as session:
        return card_document(change(session))


@contextmanager
def _number_in_path() -> Iterator[None]:
    """Name the field where the caller wrote it: services don't know."""
    try:
        yield
    except Invalid as refusal:
        raise Invalid(
            Problem(
                pointer="/path/number" if one.pointer == "/card" else one.pointer,
                message=one.message,
                code=one.code,
            )
            for one in refusal.problems
        ) from refusal
