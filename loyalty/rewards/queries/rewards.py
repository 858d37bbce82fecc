"""The catalogue of rewards."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.rewards.models import RewardRow
from loyalty.rewards.values import Reward


class RewardNotFound(NotFound):
    """No reward has this code."""

    code = "reward_not_found"


def get_reward_row(session: Session, *, code: str) -> RewardRow:
    """
    Return the row of a reward, for services.

    :raises RewardNotFound: if there is none
    """
    row = session.scalar(
        select(RewardRow)
        .where(RewardRow.code == code)
        .execution_options(populate_existing=True)
    )
    if row is None:
        message = f"There is no reward {code!r}."
        raise RewardNotFound(message)
    return row


def get_reward(session: Session, *, code: str) -> Reward:
    """
    Return a reward by its code.

    :raises RewardNotFound: if there is none
    """
    return to_reward(get_reward_row(session, code=code))


def list_rewards(session: Session) -> tuple[Reward, ...]:
    """Return all rewards, also those that ended, by code."""
    rows = session.scalars(
        select(RewardRow)
        .order_by(RewardRow.code)
        .execution_options(populate_existing=True)
    )
    return tuple(to_reward(row) for row in rows)


def open_rewards(session: Session, *, now: datetime) -> tuple[Reward, ...]:
    """Return the rewards that can be redeemed now."""
    return tuple(one for one in list_rewards(session) if one.open(now=now))


def to_reward(row: RewardRow) -> Reward:
    """Turn a row into what the rest of the service sees."""
    return Reward(
        code=row.code,
        name=row.name,
        about=row.about,
        points=row.points,
        kind=row.kind,
        sku=row.sku,
        promotion=row.promotion,
        coupon_days=row.coupon_days,
        stock=row.stock,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        withdrawn_at=row.withdrawn_at,
    )
