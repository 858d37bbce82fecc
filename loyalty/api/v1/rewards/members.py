"""The operations on what members redeem."""

from http import HTTPStatus

from loyalty.api.auth import caller
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.checkout.schemas import RequestHeaders
from loyalty.api.v1.customers.views import CUSTOMER, ONE
from loyalty.api.v1.operations import (
    Operation,
    get,
    post,
)
from loyalty.api.v1.rewards.schemas import (
    CONFLICTS,
    MINE,
    MISSING,
    ONE_REDEMPTION,
    REDEMPTION,
    MyRewardsAnswer,
    RedeemRequest,
    RedemptionAnswer,
    points_request,
    redemption_document,
    resource,
    reward_document,
)
from loyalty.core.clock import utc_now
from loyalty.customers.queries import get_profile
from loyalty.customers.values import CustomerID
from loyalty.points.queries import standing
from loyalty.rewards.queries import list_redemptions, open_rewards
from loyalty.rewards.rules import nearest_first
from loyalty.rewards.service import (
    hand_over,
)
from loyalty.rewards.values import (
    RedemptionID,
)
from loyalty.sharing.queries import purse_of
from loyalty.staff.values import ApiScope
from loyalty.usecases.redeem_reward import (
    cancel_redemption,
    redeem_reward,
)
from loyalty.web.context import database


@get(
    resource,
    Operation(
        path=MINE,
        scope=ApiScope.CUSTOMERS_READ,
        answer=MyRewardsAnswer,
        problems=MISSING,
        parameters=[CUSTOMER],
    ),
)
def show_the_rewards_of_a_customer(customer: int) -> dict[str, object]:
    """Return what a member can have, the nearest first.

    And what they redeemed, the newest first.
    """
    customer_id, now = CustomerID(customer), utc_now()
    with database().transaction() as session:
        get_profile(session, customer_id=customer_id)
        purse = purse_of(session, customer_id=customer_id)
        have = standing(session, customer_id=purse, now=now).spendable
        near = nearest_first(open_rewards(session, now=now), have=have)
        redeemed = list_redemptions(session, customer_id=customer_id)
    return {
        "have": have,
        "rewards": [
            {"reward": reward_document(one.reward), "missing": one.missing}
            for one in near
        ],
        "redemptions": [redemption_document(one) for one in redeemed],
    }


@post(
    resource,
    Operation(
        path=f"{ONE}/redemptions",
        scope=ApiScope.POINTS_SPEND,
        body=RedeemRequest,
        example={"reward": "mug"},
        headers=RequestHeaders,
        answer=RedemptionAnswer,
        status=HTTPStatus.CREATED,
        problems=CONFLICTS,
        parameters=[CUSTOMER],
    ),
)
def redeem_a_reward(
    body: Body, headers: dict[str, str], customer: int
) -> dict[str, object]:
    """Give points for a reward.

    An article waits to be handed over; a coupon's code is in the answer. The same
    request with the same key changes nothing and answers the same.
    """
    customer_id = CustomerID(customer)
    with database().transaction() as session:
        get_profile(session, customer_id=customer_id)
        made = redeem_reward(
            session,
            customer_id=customer_id,
            reward=body["reward"],
            request=points_request(headers),
            now=utc_now(),
        )
    return redemption_document(made)


@post(
    resource,
    Operation(
        path=f"{ONE_REDEMPTION}/hand-over",
        scope=ApiScope.POINTS_SPEND,
        answer=RedemptionAnswer,
        problems=CONFLICTS,
        parameters=[CUSTOMER, REDEMPTION],
    ),
)
def hand_a_reward_over(customer: int, redemption: int) -> dict[str, object]:
    """Note that an article was handed over.

    Twice is as once.
    """
    with database().transaction() as session:
        given = hand_over(
            session,
            customer_id=CustomerID(customer),
            redemption_id=RedemptionID(redemption),
            actor=caller().actor,
            now=utc_now(),
        )
    return redemption_document(given)


@post(
    resource,
    Operation(
        path=f"{ONE_REDEMPTION}/cancel",
        scope=ApiScope.POINTS_SPEND,
        answer=RedemptionAnswer,
        problems=CONFLICTS,
        parameters=[CUSTOMER, REDEMPTION],
    ),
)
def cancel_a_redemption(customer: int, redemption: int) -> dict[str, object]:
    """Take a redemption back.

    Its points return with their old expiry, unless the article was handed over or the
    coupon used (409). Twice is as once.
    """
    with database().transaction() as session:
        cancelled = cancel_redemption(
            session,
            customer_id=CustomerID(customer),
            redemption_id=RedemptionID(redemption),
            actor=caller().actor,
            now=utc_now(),
        )
    return redemption_document(cancelled)
