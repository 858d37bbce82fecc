"""A reward for points: what is handed over, or a coupon of the member's own."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid, NotFound
from loyalty.customers.values import CustomerID
from loyalty.points.values import Request
from loyalty.promotions.queries.codes import get_batch
from loyalty.promotions.rules.codes import USUAL_MARKS, usual_pattern
from loyalty.promotions.service.codes import (
    NoCodesHere,
    add_codes,
    begin_batch,
    order_codes,
    void_batch,
)
from loyalty.promotions.service.codes.terms import takes_codes
from loyalty.promotions.values.codes import BatchID, CodeOrder, CodeRequest, CodeTerms
from loyalty.rewards import service
from loyalty.rewards.queries import get_reward
from loyalty.rewards.values import (
    Redemption,
    RedemptionID,
    Reward,
    RewardKind,
)


def offer_reward(
    session: Session, *, reward: Reward, actor: str, now: datetime
) -> Reward:
    """
    Put a reward into the catalogue, or replace the one with its code.

    :raises Invalid: naming every field at fault, also a promotion that takes no codes
    """
    if reward.kind is RewardKind.COUPON and reward.promotion:
        try:
            takes_codes(session, reward.promotion)
        except (NotFound, NoCodesHere) as problem:
            raise Invalid.field(
                pointer="/promotion", message=str(problem), code="promotion_unfit"
            ) from problem
    return service.save_reward(session, reward=reward, actor=actor, now=now)


def redeem_reward(
    session: Session,
    *,
    customer_id: CustomerID,
    reward: str,
    request: Request,
    now: datetime,
) -> Redemption:
    """
    Give points for a reward, once for a request key.

    A coupon is a code for one use of its promotion; the answer holds it, and so does
    the member's list of redemptions.

    :raises RewardNotFound: if there is no such reward
    :raises RewardNotAvailable: if it is sold out, withdrawn, over or not on yet
    :raises NotEnoughPoints: if the member has fewer
    :raises NoCodesHere: if the promotion of a coupon has ended
    :raises Refused: if the key stands for another reward
    """
    made = service.redeem(
        session, customer_id=customer_id, reward=reward, request=request, now=now
    )
    if made.kind is not RewardKind.COUPON or made.replayed:
        return made
    found = get_reward(session, code=reward)
    batch_id, code = _coupon(session, found, made, actor=request.actor, now=now)
    service.keep_coupon(session, redemption_id=made.id, code=code, batch_id=batch_id)
    return replace(made, coupon=code, batch_id=batch_id)


def cancel_redemption(
    session: Session,
    *,
    customer_id: CustomerID,
    redemption_id: RedemptionID,
    actor: str,
    now: datetime,
) -> Redemption:
    """
    Take a redemption back; its points return with their old expiry.

    :raises RedemptionNotFound: if the member has no such redemption
    :raises RedemptionSettled: if the article was handed over, or the coupon used
    """
    cancelled = service.cancel(
        session,
        customer_id=customer_id,
        redemption_id=redemption_id,
        actor=actor,
        now=now,
    )
    if cancelled.batch_id is None or cancelled.promotion is None:
        return cancelled
    batch = get_batch(
        session, promotion=cancelled.promotion, batch_id=BatchID(cancelled.batch_id)
    )
    if batch.used:
        message = "The coupon was used already."
        raise service.RedemptionSettled(message)
    if batch.voided_at is None:
        void_batch(
            session,
            promotion=cancelled.promotion,
            batch_id=batch.id,
            actor=actor,
            now=now,
        )
    return cancelled


def _coupon(
    session: Session, reward: Reward, made: Redemption, *, actor: str, now: datetime
) -> tuple[BatchID, str]:
    batch_id = order_codes(
        session,
        promotion=reward.promotion or "",
        order=CodeOrder(
            pattern=usual_pattern(USUAL_MARKS),
            count=1,
            terms=CodeTerms(
                label=f"reward:{reward.code}:{made.id}",
                valid_until=now + timedelta(days=reward.coupon_days),
                uses=1,
            ),
        ),
        request=CodeRequest(actor=actor),
        now=now,
    )
    begin_batch(session, batch_id=batch_id, now=now)
    (code,) = add_codes(session, batch_id=batch_id, count=1, now=now)
    return batch_id, code
