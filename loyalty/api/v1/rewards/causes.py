"""The operations on causes."""

from http import HTTPStatus

from loyalty.api.auth import caller, check_everywhere
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.checkout.schemas import RequestHeaders
from loyalty.api.v1.customers.views import CUSTOMER, ONE
from loyalty.api.v1.operations import (
    Operation,
    get,
    post,
    put,
)
from loyalty.api.v1.rewards.schemas import (
    CODE,
    CONFLICTS,
    CauseAnswer,
    CauseRequest,
    CausesAnswer,
    GivenAnswer,
    GiveRequest,
    cause_document,
    points_request,
    resource,
    texts_of,
)
from loyalty.core.clock import utc_now
from loyalty.customers.queries import get_profile
from loyalty.customers.values import CustomerID
from loyalty.rewards.queries import list_causes
from loyalty.rewards.service import (
    give_to_cause,
    save_cause,
)
from loyalty.rewards.values import (
    Cause,
)
from loyalty.staff.values import ApiScope
from loyalty.web.context import database


@get(
    resource,
    Operation(path="/causes", scope=ApiScope.PROGRAMME_READ, answer=CausesAnswer),
)
def list_the_causes() -> dict[str, object]:
    """List what the shop supports, with all that was given.

    Members give points to them.
    """
    with database().transaction() as session:
        found = list_causes(session)
    return {"causes": [cause_document(one) for one in found]}


@put(
    resource,
    Operation(
        path="/causes/<string:code>",
        scope=ApiScope.PROGRAMME_WRITE,
        body=CauseRequest,
        example={"name": {"en": "Trees for the city"}},
        answer=CauseAnswer,
        problems=(HTTPStatus.UNPROCESSABLE_ENTITY,),
        parameters=[CODE],
    ),
)
def save_a_cause(body: Body, code: str) -> dict[str, object]:
    """Add a cause, or change the one with this code.

    What was given stays with it.
    """
    check_everywhere()
    cause = Cause(
        code=code, name=texts_of(body["name"]), about=texts_of(body["about"] or {})
    )
    with database().transaction() as session:
        save_cause(session, cause=cause, actor=caller().actor, now=utc_now())
        found = next(one for one in list_causes(session) if one.code == code)
    return cause_document(found)


@post(
    resource,
    Operation(
        path=f"{ONE}/causes",
        scope=ApiScope.POINTS_SPEND,
        body=GiveRequest,
        example={"cause": "trees", "points": 50},
        headers=RequestHeaders,
        answer=GivenAnswer,
        status=HTTPStatus.CREATED,
        problems=CONFLICTS,
        parameters=[CUSTOMER],
    ),
)
def give_points_to_a_cause(
    body: Body, headers: dict[str, str], customer: int
) -> dict[str, object]:
    """Give points of a member to a cause.

    They stay given. The same request with the same key changes nothing.
    """
    customer_id = CustomerID(customer)
    with database().transaction() as session:
        get_profile(session, customer_id=customer_id)
        given = give_to_cause(
            session,
            customer_id=customer_id,
            cause=body["cause"],
            points=body["points"],
            request=points_request(headers),
            now=utc_now(),
        )
    return {
        "cause": given.cause,
        "points": given.points,
        "balance_after": given.balance_after,
    }
