"""Writing promotions, moving them through their life, and claiming their limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Refused
from loyalty.customers.values import CustomerID
from loyalty.promotions import queries
from loyalty.promotions.models import PromotionRow, TotalRow, UseRow, VersionRow
from loyalty.promotions.schema import dump_promotion, load_promotion
from loyalty.promotions.values.states import (
    PromotionState,
    StoredPromotion,
)
from loyalty.purchases.values import PurchaseID
from loyalty.stores.queries import get_programme

_MOVES: Mapping[PromotionState, frozenset[PromotionState]] = {
    PromotionState.ACTIVE: frozenset({PromotionState.DRAFT, PromotionState.PAUSED}),
    PromotionState.PAUSED: frozenset({PromotionState.ACTIVE}),
    PromotionState.ENDED: frozenset(
        {PromotionState.DRAFT, PromotionState.ACTIVE, PromotionState.PAUSED}
    ),
}
"""From which states a promotion may come into each."""


class PromotionExists(Refused):
    """Another promotion has this code."""

    code = "promotion_exists"


class WrongState(Refused):
    """The promotion is not in a state from which this is possible."""

    code = "promotion_state"


class UsedUp(Refused):
    """The last redemption, or the last of the budget, went to someone else."""

    code = "promotion_used_up"


@dataclass(frozen=True, kw_only=True, slots=True)
class Redemption:
    """What one promotion gave in one purchase; money in minor units."""

    promotion: StoredPromotion
    purchase_id: PurchaseID
    customer_id: CustomerID | None
    times: int
    amount: int
    points: int


def create(
    session: Session, *, document: object, actor: str, now: datetime
) -> PromotionRow:
    """
    Check a document and keep it as a draft.

    :raises Invalid: naming every field at fault
    :raises PromotionExists: if the code is taken
    """
    promotion = load_promotion(document, currency=get_programme(session).currency)
    row: PromotionRow | None = session.scalar(
        insert(PromotionRow)
        .values(
            code=promotion.code,
            state=PromotionState.DRAFT,
            version=1,
            created_at=now,
            created_by=actor,
            changed_at=now,
        )
        .on_conflict_do_nothing(index_elements=[PromotionRow.code])
        .returning(PromotionRow)
    )
    if row is None:
        message = f"There is a promotion {promotion.code!r} already."
        raise PromotionExists(message)
    _add_version(session, row, dump_promotion(promotion), actor=actor, now=now)
    return row


def revise(
    session: Session, *, code: str, document: object, actor: str, now: datetime
) -> PromotionRow:
    """
    Make a new version; what was priced keeps the version it was priced with.

    :raises Invalid: naming every field at fault, or if the code is another
    :raises WrongState: if the promotion has ended
    """
    row = queries.get_row(session, code=code, lock=True)
    promotion = load_promotion(document, currency=get_programme(session).currency)
    if row.state is PromotionState.ENDED:
        message = f"The promotion {code!r} has ended: copy it under a new code."
        raise WrongState(message)
    if promotion.code != code:
        message = f"The code can't change: it is {code!r}."
        raise PromotionExists(message)
    row.version += 1
    row.changed_at = now
    _add_version(session, row, dump_promotion(promotion), actor=actor, now=now)
    return row


def move(
    session: Session, *, code: str, to: PromotionState, actor: str, now: datetime
) -> PromotionRow:
    """
    Activate, pause or end a promotion.

    :raises WrongState: if that is not possible from where it stands
    """
    row = queries.get_row(session, code=code, lock=True)
    if row.state not in _MOVES.get(to, frozenset()):
        message = (
            f"The promotion {code!r} is {row.state.value}; it can't be {to.value}."
        )
        raise WrongState(message)
    before, row.state = row.state, to
    row.changed_at = now
    if to is PromotionState.ACTIVE:
        row.activated_at = row.activated_at or now
    audit.record(
        session,
        now=now,
        actor=actor,
        action=f"promotion.{to.value}",
        subject=f"promotion:{code}",
        before={"state": before.value},
        after={"state": to.value},
    )
    return row


def redeem(session: Session, *, redemption: Redemption, now: datetime) -> None:
    """
    Claim a use of the promotion's limits and write it down.

    The caller holds the customer's account, so that two purchases of one customer
    can't both count the same uses.

    :raises UsedUp: if the limits do not cover it whole any more
    """
    limits = redemption.promotion.promotion.limits
    if limits.total is not None or limits.budget is not None:
        _claim(session, redemption)
    session.add(
        UseRow(
            promotion_id=redemption.promotion.id,
            version=redemption.promotion.version,
            purchase_id=redemption.purchase_id,
            customer_id=redemption.customer_id,
            at=now,
            times=redemption.times,
            amount=redemption.amount,
            points=redemption.points,
        )
    )
    session.flush()


def _claim(session: Session, redemption: Redemption) -> None:
    promotion = redemption.promotion
    limits = promotion.promotion.limits
    session.execute(
        insert(TotalRow)
        .values(promotion_id=promotion.id, uses=0, given=0)
        .on_conflict_do_nothing()
    )
    budget = limits.budget.amount if limits.budget is not None else None
    claimed = session.scalar(
        update(TotalRow)
        .where(
            TotalRow.promotion_id == promotion.id,
            true() if limits.total is None else TotalRow.uses < limits.total,
            true() if budget is None else TotalRow.given + redemption.amount <= budget,
        )
        .values(uses=TotalRow.uses + 1, given=TotalRow.given + redemption.amount)
        .returning(TotalRow.promotion_id)
        .execution_options(synchronize_session=False)
    )
    if claimed is None:
        message = f"The promotion {promotion.promotion.code!r} was used up just now."
        raise UsedUp(message)


def _add_version(
    session: Session,
    row: PromotionRow,
    document: dict[str, object],
    *,
    actor: str,
    now: datetime,
) -> None:
    session.add(
        VersionRow(
            promotion_id=row.id,
            version=row.version,
            document=document,
            at=now,
            actor=actor,
        )
    )
    audit.record(
        session,
        now=now,
        actor=actor,
        action="promotion.save",
        subject=f"promotion:{row.code}",
        after={"version": row.version},
    )
    session.flush()
