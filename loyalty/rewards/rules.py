"""Which rewards are near, and what a line of the catalogue must say."""

from collections.abc import Iterable

from loyalty.core.errors import Invalid, Problem
from loyalty.rewards.values import Cause, Near, Reward, RewardKind

MOST_POINTS = 10_000_000
MOST_DAYS = 3_650
_LONGEST_CODE = 64
_LONGEST_NAME = 80
_LONGEST_ABOUT = 400
_CODE_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


def nearest_first(rewards: Iterable[Reward], *, have: int) -> tuple[Near, ...]:
    """
    Return the rewards as a member with so many points sees them.

    What can be had comes first, the most precious before the others; then what is
    missing least.
    """
    near = [
        Near(reward=reward, have=have, missing=max(0, reward.points - have))
        for reward in rewards
    ]
    near.sort(key=lambda one: (one.missing, -one.reward.points, one.reward.code))
    return tuple(near)


def check_reward(reward: Reward) -> None:
    """
    Refuse a line that can't be redeemed as it stands.

    :raises Invalid: naming every field at fault
    """
    problems = _texts(reward)
    if not 1 <= reward.points <= MOST_POINTS:
        message = f"Say a number of points from 1 to {MOST_POINTS}."
        problems.append(Problem(pointer="/points", message=message))
    if reward.stock is not None and not 0 <= reward.stock <= MOST_POINTS:
        message = "Say how many there are, or nothing."
        problems.append(Problem(pointer="/stock", message=message))
    if reward.valid_until is not None and reward.valid_until <= reward.valid_from:
        message = "The end must be after the beginning."
        problems.append(
            Problem(pointer="/valid_until", message=message, code="period_empty")
        )
    if reward.kind is RewardKind.COUPON and not reward.promotion:
        message = "Name the promotion that the coupon is for."
        problems.append(
            Problem(pointer="/promotion", message=message, code="promotion_missing")
        )
    if not 1 <= reward.coupon_days <= MOST_DAYS:
        message = f"Say a number of days from 1 to {MOST_DAYS}."
        problems.append(Problem(pointer="/coupon_days", message=message))
    if problems:
        raise Invalid(problems)


def check_cause(cause: Cause) -> None:
    """
    Refuse a cause that can't be told apart or read.

    :raises Invalid: naming every field at fault
    """
    problems = _texts(cause)
    if problems:
        raise Invalid(problems)


def _texts(thing: Reward | Cause) -> list[Problem]:
    problems = []
    if not 0 < len(thing.code) <= _LONGEST_CODE or set(thing.code) - _CODE_LETTERS:
        message = f"Take 1 to {_LONGEST_CODE} of: small letters, digits, hyphen."
        problems.append(Problem(pointer="/code", message=message))
    names = list(thing.name.values())
    if not any(names) or max(map(len, names)) > _LONGEST_NAME:
        message = f"Say a name of at most {_LONGEST_NAME} characters."
        problems.append(Problem(pointer="/name", message=message))
    if max((len(text) for text in thing.about.values()), default=0) > _LONGEST_ABOUT:
        message = f"Say it in at most {_LONGEST_ABOUT} characters."
        problems.append(Problem(pointer="/about", message=message))
    return problems
