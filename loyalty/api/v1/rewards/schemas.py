"""What is asked of rewards and causes, and what is answered."""

from http import HTTPStatus
from typing import Any, Final

from marshmallow import Schema, fields

from loyalty.api.auth import caller
from loyalty.api.v1.answers import moment, text, whole
from loyalty.api.v1.customers.views import ONE
from loyalty.api.v1.fields import LARGEST_ID, Matching, Moment, OneOf, Request, Whole
from loyalty.api.v1.operations import (
    Resource,
    path_parameter,
)
from loyalty.core.texts import LANGUAGES
from loyalty.points.values import Request as PointsRequest
from loyalty.promotions.schema.fields import Text
from loyalty.rewards.rules import MOST_DAYS, MOST_POINTS
from loyalty.rewards.values import (
    Cause,
    Redemption,
    RedemptionState,
    Reward,
    RewardKind,
)

resource = Resource("Rewards", "What points can be given for: rewards and causes.")

MISSING: Final = (HTTPStatus.NOT_FOUND,)
CONFLICTS: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
MINE: Final = f"{ONE}/rewards"
ONE_REDEMPTION: Final = f"{ONE}/redemptions/<int(min=1, max={LARGEST_ID}):redemption>"
REDEMPTION: Final = path_parameter(
    "redemption",
    type="integer",
    minimum=1,
    maximum=LARGEST_ID,
    format="redemption-id",
    example=7,
)
CODE: Final = path_parameter(
    "code", type="string", pattern="^[a-z0-9-]{1,64}$", format="own-code", example="mug"
)


class OwnCode(Matching):
    """The shop's own key of a reward or a cause."""

    pattern = r"^[a-z0-9-]{1,64}$"
    json_schema = {"format": "own-code"}  # noqa: RUF012  # as its parent says it
    refusal = "Must be 1 to 64 of: small letters, digits, hyphen."


class TextsRequest(Request):
    """One text a language."""

    en = Text(longest=80, required=True)
    pl = Text(longest=80)
    ru = Text(longest=80)
    sl = Text(longest=80)
    fa = Text(longest=80)


class RewardRequest(Request):
    """One line of the catalogue."""

    name = fields.Nested(TextsRequest, required=True)
    about = fields.Nested(TextsRequest, load_default=None, allow_none=True)
    points = Whole(least=1, most=MOST_POINTS, required=True)
    kind = OneOf(*(kind.value for kind in RewardKind), required=True)
    sku = Text(longest=64, load_default=None, allow_none=True)
    promotion = Text(
        longest=64,
        load_default=None,
        allow_none=True,
        metadata={"description": "Of which a coupon gives one use."},
    )
    coupon_days = Whole(least=1, most=MOST_DAYS, load_default=30)
    stock = Whole(most=MOST_POINTS, load_default=None, allow_none=True)
    valid_from = Moment(load_default=None, allow_none=True)
    valid_until = Moment(load_default=None, allow_none=True)


class RedeemRequest(Request):
    """Which reward."""

    reward = OwnCode(required=True, metadata={"example": "mug"})


class CauseRequest(Request):
    """A cause."""

    name = fields.Nested(TextsRequest, required=True)
    about = fields.Nested(TextsRequest, load_default=None, allow_none=True)


class GiveRequest(Request):
    """How much for which cause."""

    cause = OwnCode(required=True, metadata={"example": "trees"})
    points = Whole(least=1, most=MOST_POINTS, required=True)


def texts_field() -> fields.Dict:
    """Return a field of one text a language."""
    return fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class RewardAnswer(Schema):
    """One line of the catalogue."""

    code = text(metadata={"example": "mug"})
    name = texts_field()
    about = texts_field()
    points = whole()
    kind = text(metadata={"enum": [kind.value for kind in RewardKind]})
    promotion = text(allow_none=True)
    stock = whole(allow_none=True, metadata={"description": "null is any number."})
    valid_from = moment()
    valid_until = moment(nullable=True)
    withdrawn_at = moment(nullable=True)


class RewardsAnswer(Schema):
    """What can be redeemed now."""

    rewards = fields.List(fields.Nested(RewardAnswer), required=True)


class NearAnswer(Schema):
    """A reward, and how far a member is from it."""

    reward = fields.Nested(RewardAnswer, required=True)
    missing = whole(metadata={"description": "0: it can be had."})


class RedemptionAnswer(Schema):
    """Points that were given for a reward, and what became of it."""

    redemption = whole(metadata={"example": 7})
    reward = text(metadata={"example": "mug"})
    kind = text(metadata={"enum": [kind.value for kind in RewardKind]})
    points = whole()
    state = text(metadata={"enum": [state.value for state in RedemptionState]})
    at = moment()
    coupon = text(allow_none=True, metadata={"description": "The member's own code."})
    balance_after = whole()


class MyRewardsAnswer(Schema):
    """What a member can have, the nearest first, and has redeemed."""

    have = whole()
    rewards = fields.List(fields.Nested(NearAnswer), required=True)
    redemptions = fields.List(fields.Nested(RedemptionAnswer), required=True)


class CauseAnswer(Schema):
    """A cause, and what was given to it."""

    code = text(metadata={"example": "trees"})
    name = texts_field()
    about = texts_field()
    points = whole()


class CausesAnswer(Schema):
    """What the shop supports now."""

    causes = fields.List(fields.Nested(CauseAnswer), required=True)


class GivenAnswer(Schema):
    """Points that were given."""

    cause = text()
    points = whole()
    balance_after = whole()


def points_request(headers: dict[str, str]) -> PointsRequest:
    """Return who asks, and how the request is known again."""
    return PointsRequest(
        key=f"{caller().actor}:{headers['request_key']}",
        actor=caller().actor,
        store_id=caller().store_id,
    )


def texts_of(given: dict[str, Any]) -> dict[str, str]:
    """Return the texts that were given, by language."""
    return {code: given[code] for code in LANGUAGES if code in given}


def reward_document(reward: Reward) -> dict[str, object]:
    """Return what ``RewardAnswer`` shows."""
    return {
        "code": reward.code,
        "name": dict(reward.name),
        "about": dict(reward.about),
        "points": reward.points,
        "kind": reward.kind.value,
        "promotion": reward.promotion,
        "stock": reward.stock,
        "valid_from": reward.valid_from,
        "valid_until": reward.valid_until,
        "withdrawn_at": reward.withdrawn_at,
    }


def redemption_document(made: Redemption) -> dict[str, object]:
    """Return what ``RedemptionAnswer`` shows."""
    return {
        "redemption": made.id,
        "reward": made.reward,
        "kind": made.kind.value,
        "points": made.points,
        "state": made.state.value,
        "at": made.at,
        "coupon": made.coupon,
        "balance_after": made.balance_after,
    }


def cause_document(cause: Cause) -> dict[str, object]:
    """Return what ``CauseAnswer`` shows."""
    return {
        "code": cause.code,
        "name": dict(cause.name),
        "about": dict(cause.about),
        "points": cause.points,
    }
