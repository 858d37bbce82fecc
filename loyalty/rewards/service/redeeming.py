"""Redeeming rewards: the member's account is locked first, then the stock is taken."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.core.vault import vault_of
from loyalty.customers.values import CustomerID
from loyalty.points.service import Spending, give_back, lock_account, spend
from loyalty.points.values import Request
from loyalty.rewards import queries
from loyalty.rewards.models import RedemptionRow, RewardRow
from loyalty.rewards.queries.redemptions import COUPON_FIELD
from loyalty.rewards.values import (
    Redemption,
    RedemptionID,
    RedemptionState,
    RewardID,
    RewardKind,
)
from loyalty.sharing.service import lock_purse
from loyalty.stores.values import StoreID


class RewardNotAvailable(Refused):
    """The reward is sold out, withdrawn, over or not on yet."""

    code = "reward_not_available"


class RewardKeyReused(Refused):
    """The request key stands for another reward."""

    code = "request_key_reused"


class RedemptionSettled(Refused):
    """It was handed over or cancelled before."""

    code = "redemption_settled"


def redeem(
    session: Session,
    *,
    customer_id: CustomerID,
    reward: str,
    request: Request,
    now: datetime,
) -> Redemption:
    """
    Give points for a reward, once for a request key; the stock is never oversold.

    :raises RewardNotFound: if there is no such reward
    :raises RewardNotAvailable: if it is sold out, withdrawn, over or not on yet
    :raises NotEnoughPoints: if the member has fewer
    :raises RewardKeyReused: if the key stands for another reward
    """
    purse = lock_purse(session, customer_id=customer_id)
    earlier = session.scalar(
        select(RedemptionRow).where(
            RedemptionRow.customer_id == customer_id,
            RedemptionRow.request_key == request.key,
        )
    )
    if earlier is not None:
        return _replay(session, earlier, reward)
    row = queries.get_reward_row(session, code=reward)
    if not queries.to_reward(row).open(now=now):
        raise _not_available(reward)
    moved = spend(
        session,
        customer_id=purse,
        spending=Spending(
            points=row.points,
            request=replace(
                request,
                key=f"reward:{customer_id}:{request.key}",
                link=f"reward:{reward}",
            ),
        ),
        now=now,
    )
    _take_from_stock(session, row.id, reward)
    made = RedemptionRow(
        reward_id=row.id,
        customer_id=customer_id,
        purse_id=purse,
        version=moved.version,
        points=row.points,
        balance_after=moved.available,
        state=RedemptionState.WAITING,
        at=now,
        store_id=None if request.store_id is None else StoreID(request.store_id),
        actor=request.actor,
        request_key=request.key,
        coupon=None,
        batch_id=None,
        settled_at=None,
        settled_by=None,
    )
    session.add(made)
    session.flush()
    return queries.to_redemption(session, made, row)


def keep_coupon(
    session: Session, *, redemption_id: RedemptionID, code: str, batch_id: int
) -> None:
    """Keep the coupon that a redemption gives, sealed."""
    row = session.get_one(RedemptionRow, redemption_id)
    row.coupon = vault_of(session).seal(COUPON_FIELD, code)
    row.batch_id = batch_id
    session.flush()


def hand_over(
    session: Session,
    *,
    customer_id: CustomerID,
    redemption_id: RedemptionID,
    actor: str,
    now: datetime,
) -> Redemption:
    """
    Note that the article was handed over; twice is as once.

    :raises RedemptionNotFound: if the member has no such redemption
    :raises RedemptionSettled: if it was cancelled, or is a coupon
    """
    row, reward = _lock(session, customer_id, redemption_id)
    if reward.kind is not RewardKind.ARTICLE:
        message = "A coupon is used at the till like any code: nothing to hand over."
        raise RedemptionSettled(message)
    if row.state is RedemptionState.CANCELLED:
        message = "It was cancelled, and the points are back."
        raise RedemptionSettled(message)
    _settle(row, RedemptionState.GIVEN, actor=actor, now=now)
    session.flush()
    return queries.to_redemption(session, row, reward)


def cancel(
    session: Session,
    *,
    customer_id: CustomerID,
    redemption_id: RedemptionID,
    actor: str,
    now: datetime,
) -> Redemption:
    """
    Take a redemption back: the points return to the lots they came from.

    Their expiry is the old one. Twice is as once.

    :raises RedemptionNotFound: if the member has no such redemption
    :raises RedemptionSettled: if the article was handed over
    """
    row, reward = _lock(session, customer_id, redemption_id)
    if row.state is RedemptionState.GIVEN:
        message = "It was handed over already."
        raise RedemptionSettled(message)
    if row.state is RedemptionState.CANCELLED:
        return queries.to_redemption(session, row, reward)
    give_back(
        session,
        customer_id=row.purse_id,
        version=row.version,
        points=row.points,
        request=Request(
            key=f"reward-cancel:{row.id}", actor=actor, link=f"reward:{reward.code}"
        ),
        now=now,
    )
    session.execute(
        update(RewardRow)
        .where(RewardRow.id == row.reward_id)
        .values(stock=RewardRow.stock + 1)
    )
    _settle(row, RedemptionState.CANCELLED, actor=actor, now=now)
    session.flush()
    return queries.to_redemption(session, row, reward)


def _replay(session: Session, earlier: RedemptionRow, reward: str) -> Redemption:
    row = session.get_one(RewardRow, earlier.reward_id)
    if row.code != reward:
        message = f"The request key {earlier.request_key} was used for another reward."
        raise RewardKeyReused(message)
    return queries.to_redemption(session, earlier, row, replayed=True)


def _take_from_stock(session: Session, reward_id: RewardID, code: str) -> None:
    taken = session.scalar(
        update(RewardRow)
        .where(
            RewardRow.id == reward_id,
            RewardRow.withdrawn_at.is_(None),
            or_(RewardRow.stock.is_(None), RewardRow.stock > 0),
        )
        .values(stock=RewardRow.stock - 1)
        .returning(RewardRow.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise _not_available(code)


def _not_available(reward: str) -> RewardNotAvailable:
    message = f"The reward {reward!r} is sold out or not on just now."
    return RewardNotAvailable(message)


def _lock(
    session: Session, customer_id: CustomerID, redemption_id: RedemptionID
) -> tuple[RedemptionRow, RewardRow]:
    found = queries.get_redemption(
        session, customer_id=customer_id, redemption_id=redemption_id
    )
    purse = session.get_one(RedemptionRow, redemption_id).purse_id
    for one in sorted({found.customer_id, purse}):
        lock_account(session, customer_id=one)
    row = session.get_one(RedemptionRow, redemption_id, populate_existing=True)
    return row, session.get_one(RewardRow, row.reward_id)


def _settle(
    row: RedemptionRow, state: RedemptionState, *, actor: str, now: datetime
) -> None:
    if row.state is not state:
        row.state, row.settled_at, row.settled_by = state, now, actor
