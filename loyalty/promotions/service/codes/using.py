"""Codes in purchases: held for a reserved quote, used, and given back.

Codes are taken in the order of their digests, so that two purchases with the same
codes never wait for each other in a circle. The caller holds the customer's account,
so that two purchases of one customer can't both count the same uses.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from loyalty.core.texts import gettext as _
from loyalty.customers.queries import select_records
from loyalty.customers.values import CustomerID
from loyalty.promotions.models import CodeBatchRow, CodeRow, CodeUseRow
from loyalty.promotions.queries.codes import digests_of
from loyalty.promotions.service.claiming import UsedUp
from loyalty.promotions.values.codes import BatchID
from loyalty.promotions.values.states import PromotionID
from loyalty.purchases.values import PurchaseID


class CodeTaken(UsedUp):
    """Somebody else used the code since it was quoted."""

    code = "code_used"


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeClaim:
    """The codes that let promotions apply to a purchase."""

    codes: Collection[str]
    purchase_id: PurchaseID
    customer_id: CustomerID | None
    reservation: str | None = None
    """The reserved quote whose holds become the uses, if there was one."""


@dataclass(frozen=True, slots=True)
class _Taking:
    text: str
    customer_id: CustomerID | None
    now: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeHold:
    """The codes that a reserved quote keeps for its customer."""

    codes: Collection[str]
    reservation: str
    until: datetime
    customer_id: CustomerID | None


def claim_codes(session: Session, *, claim: CodeClaim, now: datetime) -> None:
    """
    Use codes in a purchase, each once.

    :raises CodeTaken: if one has no use left, or was voided since it was quoted
    """
    for digest, text in _in_order(session, claim.codes):
        batch = _lock(session, digest, text, now=now)
        if _use_what_is_held(session, digest, claim, now=now):
            continue
        _take(session, batch, digest, _Taking(text, claim.customer_id, now))
        session.add(
            CodeUseRow(
                batch_id=batch.id,
                digest=digest,
                customer_id=claim.customer_id,
                purchase_id=claim.purchase_id,
                at=now,
            )
        )
        session.flush()


def hold_codes(session: Session, *, hold: CodeHold, now: datetime) -> None:
    """
    Keep a use of codes for a reserved quote until a moment.

    :raises CodeTaken: if one has no use left
    """
    for digest, text in _in_order(session, hold.codes):
        batch = _lock(session, digest, text, now=now)
        _take(session, batch, digest, _Taking(text, hold.customer_id, now))
        session.add(
            CodeUseRow(
                batch_id=batch.id,
                digest=digest,
                customer_id=hold.customer_id,
                held_by=hold.reservation,
                held_until=hold.until,
                at=now,
            )
        )
        session.flush()


def release_codes(session: Session, *, reservation: str) -> None:
    """Let go of what a reserved quote holds; nothing happens if it holds nothing."""
    digests = session.scalars(
        select(CodeUseRow.digest)
        .where(CodeUseRow.held_by == reservation)
        .order_by(CodeUseRow.digest)
    ).all()
    for digest in digests:
        _lock_row(session, digest)
        _drop(session, digest, CodeUseRow.held_by == reservation)


def return_codes(
    session: Session,
    *,
    purchase_id: PurchaseID,
    promotion_id: PromotionID,
    now: datetime,
) -> None:
    """Give back the uses by which a promotion applied to a purchase, once."""
    uses = session.execute(
        update(CodeUseRow)
        .where(
            CodeUseRow.purchase_id == purchase_id,
            CodeUseRow.returned_at.is_(None),
            CodeUseRow.batch_id.in_(
                select(CodeBatchRow.id).where(CodeBatchRow.promotion_id == promotion_id)
            ),
        )
        .values(returned_at=now)
        .returning(CodeUseRow.digest, CodeUseRow.batch_id)
    ).all()
    for digest, batch_id in sorted(uses):
        _give_back(session, digest, batch_id, 1)


def _use_what_is_held(
    session: Session, digest: bytes, claim: CodeClaim, *, now: datetime
) -> bool:
    if claim.reservation is None:
        return False
    held = session.scalar(
        update(CodeUseRow)
        .where(CodeUseRow.held_by == claim.reservation, CodeUseRow.digest == digest)
        .values(purchase_id=claim.purchase_id, held_by=None, held_until=None, at=now)
        .returning(CodeUseRow.id)
    )
    return held is not None


def _in_order(session: Session, codes: Collection[str]) -> list[tuple[bytes, str]]:
    texts = list(codes)
    found = dict(zip(digests_of(session, texts), texts, strict=True))
    return sorted(found.items())


def _lock(session: Session, digest: bytes, text: str, *, now: datetime) -> CodeBatchRow:
    """Return the code's batch; where uses are counted, others wait for the code."""
    batch = session.scalar(
        select(CodeBatchRow)
        .join(CodeRow, CodeRow.batch_id == CodeBatchRow.id)
        .where(CodeRow.digest == digest, CodeBatchRow.voided_at.is_(None))
        .execution_options(populate_existing=True)
    )
    if batch is None:
        raise _taken(text)
    if batch.uses is not None:
        _lock_row(session, digest)
        _drop(session, digest, CodeUseRow.held_until <= now)
    return batch


def _lock_row(session: Session, digest: bytes) -> None:
    session.execute(
        select(CodeRow.digest).where(CodeRow.digest == digest).with_for_update()
    )


def _drop(session: Session, digest: bytes, which: ColumnElement[bool]) -> None:
    """Remove holds of a code, which is locked, and count their uses as free."""
    batches = session.scalars(
        delete(CodeUseRow)
        .where(CodeUseRow.digest == digest, which)
        .returning(CodeUseRow.batch_id)
    ).all()
    for batch_id in set(batches):
        _give_back(session, digest, batch_id, batches.count(batch_id))


def _give_back(session: Session, digest: bytes, batch_id: BatchID, count: int) -> None:
    # A word may belong to another batch by now, which counts anew.
    session.execute(
        update(CodeRow)
        .where(CodeRow.digest == digest, CodeRow.batch_id == batch_id)
        .values(used=func.greatest(CodeRow.used - count, 0))
        .execution_options(synchronize_session=False)
    )


def _take(
    session: Session, batch: CodeBatchRow, digest: bytes, taking: _Taking
) -> None:
    if batch.per_customer is not None and (
        taking.customer_id is None
        or _own_uses(session, batch.id, digest, taking) >= batch.per_customer
    ):
        raise _taken(taking.text)
    if batch.uses is None:
        return
    taken = session.scalar(
        update(CodeRow)
        .where(
            CodeRow.digest == digest,
            CodeRow.batch_id == batch.id,
            CodeRow.used < batch.uses,
        )
        .values(used=CodeRow.used + 1)
        .returning(CodeRow.digest)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise _taken(taking.text)


def _own_uses(
    session: Session, batch_id: BatchID, digest: bytes, taking: _Taking
) -> int:
    if taking.customer_id is None:
        return 0
    count = session.scalar(
        select(func.count()).where(
            CodeUseRow.digest == digest,
            CodeUseRow.batch_id == batch_id,
            CodeUseRow.customer_id.in_(select_records(taking.customer_id)),
            CodeUseRow.returned_at.is_(None),
            or_(CodeUseRow.held_until.is_(None), CodeUseRow.held_until > taking.now),
        )
    )
    return count or 0


def _taken(text: str) -> CodeTaken:
    return CodeTaken(_("The code %(code)s was used just now.", code=text))
