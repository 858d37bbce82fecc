"""Keeping the catalogue of rewards, and the causes."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.audit import AuditValues
from loyalty.rewards import queries
from loyalty.rewards.models import CauseRow, RewardRow
from loyalty.rewards.rules import check_cause, check_reward
from loyalty.rewards.values import Cause, Reward


def save_reward(
    session: Session, *, reward: Reward, actor: str, now: datetime
) -> Reward:
    """
    Add a reward, or replace the one with its code; it can be redeemed (again) then.

    What was redeemed keeps the points that it was redeemed for.

    :raises Invalid: naming every field at fault
    """
    check_reward(reward)
    values = {
        "name": dict(reward.name),
        "about": dict(reward.about),
        "points": reward.points,
        "kind": reward.kind,
        "sku": reward.sku,
        "promotion": reward.promotion,
        "coupon_days": reward.coupon_days,
        "stock": reward.stock,
        "valid_from": reward.valid_from,
        "valid_until": reward.valid_until,
        "withdrawn_at": None,
    }
    before = session.scalar(select(RewardRow).where(RewardRow.code == reward.code))
    was = _noted(queries.to_reward(before)) if before else None
    session.execute(
        insert(RewardRow)
        .values(code=reward.code, **values)
        .on_conflict_do_update(index_elements=[RewardRow.code], set_=values)
    )
    audit.record(
        session,
        now=now,
        actor=actor,
        action="reward.save",
        subject=f"reward:{reward.code}",
        before=was,
        after=_noted(reward),
    )
    return queries.get_reward(session, code=reward.code)


def withdraw_reward(
    session: Session, *, code: str, actor: str, now: datetime
) -> Reward:
    """
    Let a reward be redeemed no more; twice is as once.

    :raises RewardNotFound: if there is none
    """
    row = queries.get_reward_row(session, code=code)
    if row.withdrawn_at is None:
        row.withdrawn_at = now
        audit.record(
            session,
            now=now,
            actor=actor,
            action="reward.withdraw",
            subject=f"reward:{code}",
        )
        session.flush()
    return queries.to_reward(row)


def save_cause(session: Session, *, cause: Cause, actor: str, now: datetime) -> None:
    """
    Add a cause, or change the one with its code; points can be given to it (again).

    :raises Invalid: naming every field at fault
    """
    check_cause(cause)
    values = {"name": dict(cause.name), "about": dict(cause.about), "ended_at": None}
    session.execute(
        insert(CauseRow)
        .values(code=cause.code, **values)
        .on_conflict_do_update(index_elements=[CauseRow.code], set_=values)
    )
    audit.record(
        session,
        now=now,
        actor=actor,
        action="cause.save",
        subject=f"cause:{cause.code}",
    )


def end_cause(session: Session, *, code: str, actor: str, now: datetime) -> None:
    """
    Let no more be given to a cause; what was given stays. Twice is as once.

    :raises CauseNotFound: if there is none
    """
    row = queries.get_cause_row(session, code=code)
    if row.ended_at is None:
        row.ended_at = now
        audit.record(
            session, now=now, actor=actor, action="cause.end", subject=f"cause:{code}"
        )


def _noted(reward: Reward) -> AuditValues:
    return {
        "points": reward.points,
        "stock": reward.stock,
        "kind": reward.kind.value,
        "promotion": reward.promotion,
    }
