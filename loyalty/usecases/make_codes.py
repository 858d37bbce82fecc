"""Making secret codes into a file that exists nowhere else.

The codes are written down as HMACs part by part, each part in a transaction of its
own, and leave as they are printed; none counts before the last is written. When the
file does not get through, all of them are struck out again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.promotions.queries.codes import get_batch
from loyalty.promotions.service.codes import (
    add_codes,
    begin_batch,
    break_batch,
    order_codes,
)
from loyalty.promotions.values.codes import BatchID, CodeOrder, CodeRequest

_PART: Final = 10_000
_HEAD: Final = "code\r\n"
_END: Final = "\r\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeFile:
    """A file of codes that is about to be made."""

    batch_id: BatchID
    name: str
    count: int
    length: int
    """In bytes: who got fewer did not get it all."""


def order_file(
    session: Session,
    *,
    promotion: str,
    order: CodeOrder,
    request: CodeRequest,
    now: datetime,
) -> CodeFile:
    """
    Order codes and begin with them at once; raises what ``order_codes`` raises.

    Once committed, let :func:`write_file` make them.
    """
    batch_id = order_codes(
        session, promotion=promotion, order=order, request=request, now=now
    )
    return begin_file(session, promotion=promotion, batch_id=batch_id, now=now)


def begin_file(
    session: Session, *, promotion: str, batch_id: BatchID, now: datetime
) -> CodeFile:
    """
    Begin with the codes of an order.

    :raises BatchNotFound: if the promotion has no such batch
    :raises WrongBatchState: if they were handed out before, or the batch was voided
    """
    batch = get_batch(session, promotion=promotion, batch_id=batch_id)
    count = begin_batch(session, batch_id=batch_id, now=now)
    line = len(batch.pattern) + len(_END)
    return CodeFile(
        batch_id=batch_id,
        name=f"{promotion}-codes-{batch_id}.csv",
        count=count,
        length=len(_HEAD) + count * line,
    )


def write_file(
    database: Database, *, file: CodeFile, clock: Callable[[], datetime]
) -> Iterator[str]:
    """
    Make the codes, and yield the file (CSV, one column) as it grows.

    :raises WrongBatchState: if the batch was voided meanwhile
    """
    complete = False
    try:
        yield _HEAD
        for at in range(0, file.count, _PART):
            count = min(_PART, file.count - at)
            with database.transaction() as session:
                codes = add_codes(
                    session, batch_id=file.batch_id, count=count, now=clock()
                )
            yield _END.join(codes) + _END
        complete = True
    finally:
        if not complete:
            with database.transaction() as session:
                break_batch(session, batch_id=file.batch_id, now=clock())
