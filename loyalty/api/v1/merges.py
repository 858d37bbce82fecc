"""Making one record of two of the same person, and undoing it."""

from http import HTTPStatus
from typing import Final

from marshmallow import Schema, fields

from loyalty.api.auth import caller
from loyalty.api.v1.answers import moment, text, whole
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.customers import CUSTOMER, ONE
from loyalty.api.v1.fields import LARGEST_ID, Request, Whole
from loyalty.api.v1.operations import Operation, Resource, path_parameter, post
from loyalty.core.clock import utc_now
from loyalty.customers.values import CustomerID, MergeID
from loyalty.staff.values import ApiScope
from loyalty.usecases.merge_customers import merge_customers, undo_merge
from loyalty.web.context import database

resource = Resource("Merges", "Two records of one person.")

_EXAMPLE: Final = 1234567890123457
_REFUSED: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


class MergeRequest(Request):
    """Which record is of the same person."""

    merged = Whole(
        least=1,
        most=LARGEST_ID,
        required=True,
        metadata={"example": _EXAMPLE},
    )


class MergeAnswer(Schema):
    """One record stands for both."""

    merge = text(metadata={"example": "12"})
    into = whole(metadata={"description": "The record that stands for both."})
    merged = whole()
    points = whole(metadata={"description": "How many points moved."})
    undo_until = moment()


class UndoneAnswer(Schema):
    """Both records stand for themselves again."""

    into = whole()
    merged = whole()
    points = whole(metadata={"description": "How many points went back."})
    missing = fields.Integer(
        required=True,
        metadata={"description": "How many could not: spent or expired since."},
    )


@post(
    resource,
    Operation(
        path=f"{ONE}/merge",
        scope=ApiScope.CUSTOMERS_MERGE,
        body=MergeRequest,
        example={"merged": _EXAMPLE},
        answer=MergeAnswer,
        status=HTTPStatus.CREATED,
        problems=_REFUSED,
        parameters=[CUSTOMER],
    ),
)
def merge_two_records(body: Body, customer: int) -> dict[str, object]:
    """Let a member's record stand for another of the same person.

    Cards, addresses, purchases and offers of both count for it, points move, and the
    stricter consent wins. It can be undone for 30 days.
    """
    with database().transaction() as session:
        done = merge_customers(
            session,
            into=CustomerID(customer),
            merged=CustomerID(body["merged"]),
            actor=caller().actor,
            now=utc_now(),
        )
    return {
        "merge": str(done.id),
        "into": done.into,
        "merged": done.merged,
        "points": done.points,
        "undo_until": done.undo_until,
    }


@post(
    resource,
    Operation(
        path=f"/merges/<int(min=1, max={LARGEST_ID}):merge>/undo",
        scope=ApiScope.CUSTOMERS_MERGE,
        answer=UndoneAnswer,
        problems=_REFUSED,
        parameters=[
            path_parameter(
                "merge",
                type="integer",
                minimum=1,
                maximum=LARGEST_ID,
                description="As the merge was answered.",
                example=12,
            )
        ],
    ),
)
def undo_a_merge(merge: int) -> dict[str, object]:
    """Undo a merge.

    Both records have again what they had; what happened since stays with the standing
    one. Refused (409) after 30 days, and while a later merge stands on it.
    """
    with database().transaction() as session:
        undone = undo_merge(
            session, merge_id=MergeID(merge), actor=caller().actor, now=utc_now()
        )
    return {
        "into": undone.into,
        "merged": undone.merged,
        "points": undone.points,
        "missing": undone.missing,
    }
