"""What members redeemed."""

from dataclasses import replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.core.vault import vault_of
from loyalty.customers.queries import records_of
from loyalty.customers.values import CustomerID
from loyalty.rewards.models import RedemptionRow, RewardRow
from loyalty.rewards.values import Redemption, RedemptionID

COUPON_FIELD: Final = "reward_redemption.coupon"
"""The name under which coupons are sealed."""


class RedemptionNotFound(NotFound):
    """The member has no such redemption."""

    code = "redemption_not_found"


def list_redemptions(
    session: Session, *, customer_id: CustomerID, limit: int = 50
) -> tuple[Redemption, ...]:
    """Return what the member redeemed, the newest first."""
    records = records_of(session, customer_id=customer_id)
    rows = session.execute(
        select(RedemptionRow, RewardRow)
        .join(RewardRow, RewardRow.id == RedemptionRow.reward_id)
        .where(RedemptionRow.customer_id.in_(records))
        .order_by(RedemptionRow.id.desc())
        .limit(limit)
    )
    return tuple(to_redemption(session, row, reward) for row, reward in rows)


def get_redemption(
    session: Session, *, customer_id: CustomerID, redemption_id: RedemptionID
) -> Redemption:
    """
    Return one redemption of the member.

    :raises RedemptionNotFound: if there is none, or it is another's
    """
    row = session.get(RedemptionRow, redemption_id)
    records = records_of(session, customer_id=customer_id)
    if row is None or row.customer_id not in records:
        message = f"The member has no redemption {redemption_id}."
        raise RedemptionNotFound(message)
    return to_redemption(session, row, session.get_one(RewardRow, row.reward_id))


def to_redemption(
    session: Session, row: RedemptionRow, reward: RewardRow, *, replayed: bool = False
) -> Redemption:
    """Turn rows into what the rest of the service sees."""
    found = Redemption(
        id=row.id,
        customer_id=row.customer_id,
        reward=reward.code,
        name=reward.name,
        kind=reward.kind,
        points=row.points,
        state=row.state,
        at=row.at,
        settled_at=row.settled_at,
        coupon=None,
        batch_id=row.batch_id,
        promotion=reward.promotion,
        balance_after=row.balance_after,
        replayed=replayed,
    )
    if row.coupon is None:
        return found
    return replace(found, coupon=vault_of(session).open(COUPON_FIELD, row.coupon))
