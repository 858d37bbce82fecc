"""The operations on the catalogue of rewards."""

from http import HTTPStatus

from loyalty.api.auth import caller, check_everywhere
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.operations import (
    Operation,
    get,
    post,
    put,
)
from loyalty.api.v1.rewards.schemas import (
    CODE,
    MISSING,
    RewardAnswer,
    RewardRequest,
    RewardsAnswer,
    resource,
    reward_document,
    texts_of,
)
from loyalty.core.clock import utc_now
from loyalty.rewards.queries import open_rewards
from loyalty.rewards.service import (
    withdraw_reward,
)
from loyalty.rewards.values import (
    Reward,
    RewardKind,
)
from loyalty.staff.values import ApiScope
from loyalty.usecases.redeem_reward import (
    offer_reward,
)
from loyalty.web.context import database


@get(
    resource,
    Operation(path="/rewards", scope=ApiScope.PROGRAMME_READ, answer=RewardsAnswer),
)
def list_the_rewards() -> dict[str, object]:
    """List the rewards that can be redeemed now.

    With what each costs in points and how many are left.
    """
    with database().transaction() as session:
        found = open_rewards(session, now=utc_now())
    return {"rewards": [reward_document(one) for one in found]}


@put(
    resource,
    Operation(
        path="/rewards/<string:code>",
        scope=ApiScope.PROGRAMME_WRITE,
        body=RewardRequest,
        example={"name": {"en": "Mug"}, "points": 300, "kind": "article", "stock": 50},
        answer=RewardAnswer,
        problems=(HTTPStatus.UNPROCESSABLE_ENTITY,),
        parameters=[CODE],
    ),
)
def save_a_reward(body: Body, code: str) -> dict[str, object]:
    """Add a reward, or replace the one with this code.

    What was redeemed keeps the points that it was redeemed for.
    """
    check_everywhere()
    now = utc_now()
    reward = Reward(
        code=code,
        name=texts_of(body["name"]),
        about=texts_of(body["about"] or {}),
        points=body["points"],
        kind=RewardKind(body["kind"]),
        sku=body["sku"],
        promotion=body["promotion"],
        coupon_days=body["coupon_days"],
        stock=body["stock"],
        valid_from=body["valid_from"] or now,
        valid_until=body["valid_until"],
    )
    with database().transaction() as session:
        saved = offer_reward(session, reward=reward, actor=caller().actor, now=now)
    return reward_document(saved)


@post(
    resource,
    Operation(
        path="/rewards/<string:code>/withdraw",
        scope=ApiScope.PROGRAMME_WRITE,
        answer=RewardAnswer,
        problems=MISSING,
        parameters=[CODE],
    ),
)
def withdraw_a_reward(code: str) -> dict[str, object]:
    """Let a reward be redeemed no more.

    Twice is as once; saving it again brings it back.
    """
    check_everywhere()
    with database().transaction() as session:
        gone = withdraw_reward(session, code=code, actor=caller().actor, now=utc_now())
    return reward_document(gone)
