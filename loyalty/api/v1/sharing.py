"""Gifts of points, households with one balance, friends brought."""

from http import HTTPStatus
from typing import Final

from marshmallow import Schema, fields

from loyalty.api.auth import caller
from loyalty.api.v1.answers import moment, text, whole
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.checkout.schemas import RequestHeaders
from loyalty.api.v1.customers.views import CUSTOMER, ONE
from loyalty.api.v1.fields import CardNumber, Matching, Request, Whole
from loyalty.api.v1.operations import Operation, Resource, get, post
from loyalty.cards.queries import get_active_card
from loyalty.core.clock import utc_now
from loyalty.customers.queries import get_profile
from loyalty.customers.values import CustomerID
from loyalty.points.values import Request as PointsRequest
from loyalty.rewards.rules import MOST_POINTS
from loyalty.sharing.queries import household_of, list_referrals, purse_of
from loyalty.sharing.service import claim, code_of, give, leave
from loyalty.sharing.values import Referral, ReferralState
from loyalty.staff.values import ApiScope
from loyalty.web.context import database

resource = Resource("Sharing", "Points between members: gifts, households, friends.")

_MISSING: Final = (HTTPStatus.NOT_FOUND,)
_CONFLICTS: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


class GiftRequest(Request):
    """How many points, and for whom."""

    card = CardNumber(required=True, metadata={"description": "Of the receiver."})
    points = Whole(least=1, most=MOST_POINTS, required=True)


class GiftAnswer(Schema):
    """Points that were given to another member."""

    gift = whole()
    points = whole()
    at = moment()
    balance_after = whole()


class HouseholdAnswer(Schema):
    """Whose balance a member has; the members share it."""

    balance_of = whole(metadata={"description": "The keeper's, or the member's own."})
    members = fields.List(fields.Integer(), required=True)


class LeftAnswer(Schema):
    """What came back to the member who left."""

    points = whole()


class ReferralCode(Matching):
    """By which a member brings friends."""

    pattern = r"^[0-9A-Za-z]{8}$"
    json_schema = {"format": "referral-code"}  # noqa: RUF012  # as its parent says it
    refusal = "Must be 8 letters and digits."


class ReferralRequest(Request):
    """Who brought the member."""

    code = ReferralCode(required=True, metadata={"example": "K7QM2XHV"})


class ReferralAnswer(Schema):
    """A friend who was brought, and what came of it."""

    friend = whole()
    referrer = whole()
    state = text(metadata={"enum": [state.value for state in ReferralState]})
    friend_points = whole()
    referrer_points = whole()


class ReferralsAnswer(Schema):
    """A member's own code, and the friends they brought."""

    code = text(metadata={"example": "K7QM2XHV"})
    friends = fields.List(fields.Nested(ReferralAnswer), required=True)


@post(
    resource,
    Operation(
        path=f"{ONE}/gifts",
        scope=ApiScope.POINTS_SPEND,
        body=GiftRequest,
        example={"card": "2610000000000003", "points": 50},
        headers=RequestHeaders,
        answer=GiftAnswer,
        status=HTTPStatus.CREATED,
        problems=_CONFLICTS,
        parameters=[CUSTOMER],
    ),
)
def give_points(
    body: Body, headers: dict[str, str], customer: int
) -> dict[str, object]:
    """Give points to another member, by the number of a card.

    They keep their expiry; a day has its limit (409). The same request with the same
    key changes nothing and answers the same.
    """
    giver = CustomerID(customer)
    with database().transaction() as session:
        get_profile(session, customer_id=giver)
        gift = give(
            session,
            giver=giver,
            receiver=get_active_card(session, number=body["card"]).customer_id,
            points=body["points"],
            request=PointsRequest(
                key=f"{caller().actor}:{headers['request_key']}",
                actor=caller().actor,
                store_id=caller().store_id,
            ),
            now=utc_now(),
        )
    return {
        "gift": gift.id,
        "points": gift.points,
        "at": gift.at,
        "balance_after": gift.balance_after,
    }


@get(
    resource,
    Operation(
        path=f"{ONE}/household",
        scope=ApiScope.CUSTOMERS_READ,
        answer=HouseholdAnswer,
        problems=_MISSING,
        parameters=[CUSTOMER],
    ),
)
def show_the_household(customer: int) -> dict[str, object]:
    """Return with whom a member shares a balance.

    Members invite and accept in their own wallets.
    """
    customer_id = CustomerID(customer)
    with database().transaction() as session:
        get_profile(session, customer_id=customer_id)
        found = household_of(session, customer_id=customer_id)
        purse = purse_of(session, customer_id=customer_id)
    return {
        "balance_of": purse,
        "members": list(found.members) if found else [customer_id],
    }


@post(
    resource,
    Operation(
        path=f"{ONE}/household/leave",
        scope=ApiScope.POINTS_SPEND,
        answer=LeftAnswer,
        problems=_CONFLICTS,
        parameters=[CUSTOMER],
    ),
)
def leave_the_household(customer: int) -> dict[str, object]:
    """Let a member leave the shared balance.

    With what is left of the points they brought. When the keeper leaves, all do.
    """
    with database().transaction() as session:
        points = leave(
            session,
            customer_id=CustomerID(customer),
            actor=caller().actor,
            now=utc_now(),
        )
    return {"points": points}


@get(
    resource,
    Operation(
        path=f"{ONE}/referrals",
        scope=ApiScope.CUSTOMERS_READ,
        answer=ReferralsAnswer,
        problems=_MISSING,
        parameters=[CUSTOMER],
    ),
)
def show_the_referrals(customer: int) -> dict[str, object]:
    """Return the code by which a member brings friends, and whom they brought.

    With how far each of them has come.
    """
    customer_id = CustomerID(customer)
    with database().transaction() as session:
        get_profile(session, customer_id=customer_id)
        code = code_of(session, customer_id=customer_id)
        found = list_referrals(session, referrer=customer_id)
    return {"code": code, "friends": [_referral(one) for one in found]}


@post(
    resource,
    Operation(
        path=f"{ONE}/referred-by",
        scope=ApiScope.CUSTOMERS_WRITE,
        body=ReferralRequest,
        example={"code": "K7QM2XHV"},
        answer=ReferralAnswer,
        problems=_CONFLICTS,
        parameters=[CUSTOMER],
    ),
)
def say_who_brought_a_customer(body: Body, customer: int) -> dict[str, object]:
    """Note who brought a new member.

    Both get points after the member's first purchase. Refused (409) for members who
    bought before, were brought by another, or are the referrer.
    """
    with database().transaction() as session:
        found = claim(
            session,
            friend=CustomerID(customer),
            code=body["code"],
            now=utc_now(),
        )
    return _referral(found)


def _referral(referral: Referral) -> dict[str, object]:
    return {
        "friend": referral.friend,
        "referrer": referral.referrer,
        "state": referral.state.value,
        "friend_points": referral.friend_points,
        "referrer_points": referral.referrer_points,
    }
