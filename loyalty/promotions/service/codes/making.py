"""Making secret codes: ordered at once, written in parts, valid when all are there."""

from datetime import datetime, timedelta
from typing import Final, cast

import psycopg
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.codes import random_text
from loyalty.core.errors import Invalid, Problem, Refused
from loyalty.core.texts import gettext as _
from loyalty.promotions.models import CodeBatchRow, CodeRow
from loyalty.promotions.queries.codes import digests_of
from loyalty.promotions.rules.codes import NotAPattern, print_codes, read_pattern
from loyalty.promotions.service.codes.terms import (
    MOST_CODES,
    WrongBatchState,
    problems_of,
    takes_codes,
)
from loyalty.promotions.values.codes import (
    BatchID,
    BatchKind,
    BatchState,
    CodeOrder,
    CodeRequest,
)

_STILL: Final = timedelta(minutes=1)
"""So long may a batch stand still while it is made before a retry replaces it."""

_LOST: Final = timedelta(hours=1)
"""After so long without a new code nobody is making them any more: it was killed."""


class CodesMadeBefore(Refused):
    """The request's codes were made and handed out, which happens once."""

    code = "codes_made_before"


def order_codes(
    session: Session,
    *,
    promotion: str,
    order: CodeOrder,
    request: CodeRequest,
    now: datetime,
) -> BatchID:
    """
    Keep an order of codes, of which none is made yet.

    :raises PromotionNotFound: if there is no such promotion
    :raises NoCodesHere: if the promotion takes no codes
    :raises Invalid: naming every field at fault, or if the request's key was used for
        another order
    :raises CodesMadeBefore: if the same request has been answered
    """
    promotion_id = takes_codes(session, promotion)
    pattern = _checked(order)
    if request.key is not None:
        _forget_what_broke(session, request, now=now)
    row = CodeBatchRow(
        promotion_id=promotion_id,
        kind=BatchKind.BULK,
        state=BatchState.ORDERED,
        label=order.terms.label,
        pattern=pattern,
        count=order.count,
        made=0,
        uses=order.terms.uses,
        per_customer=order.terms.per_customer,
        valid_from=order.terms.valid_from,
        valid_until=order.terms.valid_until,
        ordered_at=now,
        ordered_by=request.actor,
        request_key=request.key,
        request_hash=request.hash,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        # The same request was faster, and is being answered.
        raise _still_made() from error
    audit.record(
        session,
        now=now,
        actor=request.actor,
        action="codes.order",
        subject=f"promotion:{promotion}",
        after={"batch": row.id, "count": order.count, "pattern": pattern},
    )
    return row.id


def begin_batch(session: Session, *, batch_id: BatchID, now: datetime) -> int:
    """
    Begin to make the codes of an order, and return how many there will be.

    :raises WrongBatchState: if that was done before, or the batch was voided
    """
    count: int | None = session.scalar(
        update(CodeBatchRow)
        .where(
            CodeBatchRow.id == batch_id,
            CodeBatchRow.state == BatchState.ORDERED,
            CodeBatchRow.voided_at.is_(None),
        )
        .values(state=BatchState.MAKING, made_at=now)
        .returning(CodeBatchRow.count)
    )
    if count is None:
        raise WrongBatchState(
            _("These codes were handed out before, which happens once: order more.")
        )
    return count


def add_codes(
    session: Session, *, batch_id: BatchID, count: int, now: datetime
) -> list[str]:
    """
    Make some more codes of a batch and return them as they are printed, this once.

    With the last of them all codes of the batch become valid.

    :raises WrongBatchState: if the batch was voided meanwhile, or is full
    """
    row = session.scalar(
        select(CodeBatchRow).where(CodeBatchRow.id == batch_id).with_for_update()
    )
    if row is None or row.state is not BatchState.MAKING or row.voided_at is not None:
        raise WrongBatchState(_("This batch of codes was voided."))
    pattern = read_pattern(row.pattern)
    codes = print_codes(pattern, random_text((pattern.count - 1) * count))
    _copy(session, batch_id, codes)
    row.made += count
    row.made_at = now
    if row.made == row.count:
        row.state = BatchState.READY
    session.flush()
    return codes


def break_batch(session: Session, *, batch_id: BatchID, now: datetime) -> None:
    """Note that a batch's codes did not get through; none of them is ever valid."""
    broken = session.scalar(
        update(CodeBatchRow)
        .where(
            CodeBatchRow.id == batch_id,
            CodeBatchRow.state.in_((BatchState.MAKING, BatchState.READY)),
        )
        .values(state=BatchState.BROKEN, made_at=now, request_key=None)
        .returning(CodeBatchRow.id)
    )
    if broken is not None:
        session.execute(delete(CodeRow).where(CodeRow.batch_id == batch_id))


def break_lost(session: Session, *, now: datetime) -> list[BatchID]:
    """
    Strike out batches whose making was killed half-way; return which.

    One that somebody is writing to just now is not waited for.
    """
    lost = session.scalars(
        select(CodeBatchRow.id)
        .where(
            CodeBatchRow.state == BatchState.MAKING,
            CodeBatchRow.made_at <= now - _LOST,
        )
        .order_by(CodeBatchRow.id)
        .with_for_update(skip_locked=True)
    ).all()
    for batch_id in lost:
        break_batch(session, batch_id=batch_id, now=now)
    return [*lost]


def _checked(order: CodeOrder) -> str:
    problems = [*problems_of(order.terms)]
    pattern = order.pattern
    if not 1 <= order.count <= MOST_CODES:
        message = _("Make 1 to %(most)s codes at once.", most=f"{MOST_CODES:,}")
        problems.append(Problem(pointer="/count", message=message, code="count"))
    try:
        pattern = str(read_pattern(pattern))
    except NotAPattern as error:
        problems.append(
            Problem(pointer="/pattern", message=str(error), code="code_pattern")
        )
    if problems:
        raise Invalid(problems)
    return pattern


def _forget_what_broke(
    session: Session, request: CodeRequest, *, now: datetime
) -> None:
    row = session.scalar(
        select(CodeBatchRow)
        .where(
            CodeBatchRow.ordered_by == request.actor,
            CodeBatchRow.request_key == request.key,
        )
        .with_for_update()
    )
    if row is None:
        return
    if row.request_hash != request.hash:
        raise Invalid.field(
            pointer="/headers/Idempotency-Key",
            message=_("This key was used for another order of codes: send a new one."),
            code="request_key_reused",
        )
    if row.state is BatchState.READY:
        raise CodesMadeBefore(
            _(
                "The codes of this request were sent in batch %(batch)s. If they were "
                "lost, void it and order new ones with a new key.",
                batch=row.id,
            )
        )
    if row.made_at is not None and now - row.made_at < _STILL:
        raise _still_made()
    break_batch(session, batch_id=row.id, now=now)
    session.refresh(row)


def _still_made() -> CodesMadeBefore:
    return CodesMadeBefore(_("These codes are being made: wait a minute."))


def _copy(session: Session, batch_id: BatchID, codes: list[str]) -> None:
    lines = "".join(
        f"\\\\x{digest.hex()}\t{batch_id}\t0\n" for digest in digests_of(session, codes)
    )
    connection = cast(
        "psycopg.Connection[object]", session.connection().connection.dbapi_connection
    )
    columns = "coupon_code (digest, batch_id, used)"
    with connection.cursor() as cursor, cursor.copy(f"COPY {columns} FROM STDIN") as to:
        to.write(lines)
