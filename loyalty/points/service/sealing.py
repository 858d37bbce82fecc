"""Sealing movements: one worker does it, out of the way of those who write them."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, insert, literal, select
from sqlalchemy.orm import Session

from loyalty.core.audit import AuditEntry
from loyalty.points.models import AccountRow, AuditSealedRow, SealedRow, SealRow
from loyalty.points.queries.books.seals import blocks
from loyalty.points.rules.sealing import GENESIS, seal

_ACCOUNTS: Final = 20_000
"""How many members one block covers at most."""

_NOTES: Final = 50_000
"""How many entries of the audit one block covers at most."""

_LOCK: Final = 0x5EA1  # any number, the same in every worker


@dataclass(frozen=True, kw_only=True, slots=True)
class Seal:
    """A seal that was made."""

    number: int
    transfers: int
    notes: int
    """How many entries of the audit."""

    digest: bytes


def seal_transfers(session: Session, *, now: datetime) -> Seal | None:
    """
    Seal a block of the movements and entries of the audit that no seal covers yet.

    :returns: the seal, or None when all is sealed or another worker is at it; ask
        again, in a transaction of its own, until then
    """
    # The lock saves work; were it lost, the number's key would stop the second one.
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return None
    last = session.scalar(select(SealRow).order_by(SealRow.number.desc()).limit(1))
    number = last.number + 1 if last else 1
    _choose(session, number)
    _choose_notes(session, number)
    if (block := blocks(session, since=number).get(number)) is None:
        return None
    before = last.digest if last else GENESIS
    made = Seal(
        number=number,
        transfers=block.transfers,
        notes=block.notes,
        digest=seal(before, number=number, block=block.digest),
    )
    session.add(SealRow(at=now, **asdict(made)))
    session.flush()
    return made


def _choose(session: Session, number: int) -> None:
    """Note which movements are in the block: the new ones of some members."""
    sealed = (
        select(SealedRow.customer_id, func.max(SealedRow.until_version).label("until"))
        .group_by(SealedRow.customer_id)
        .subquery()
    )
    until = func.coalesce(sealed.c.until, 0)
    chosen = (
        select(AccountRow.customer_id, AccountRow.version, literal(number), until + 1)
        .outerjoin(sealed, sealed.c.customer_id == AccountRow.customer_id)
        .where(AccountRow.version > until)
        .order_by(AccountRow.customer_id)
        .limit(_ACCOUNTS)
    )
    columns = ["customer_id", "until_version", "seal_number", "from_version"]
    session.execute(insert(SealedRow).from_select(columns, chosen))


def _choose_notes(session: Session, number: int) -> None:
    """Note which entries of the audit are in the block: some of those in none yet."""
    unsealed = (
        select(AuditEntry.id, literal(number))
        .outerjoin(AuditSealedRow, AuditSealedRow.entry_id == AuditEntry.id)
        .where(AuditSealedRow.entry_id.is_(None))
        .order_by(AuditEntry.id)
        .limit(_NOTES)
    )
    columns = ["entry_id", "seal_number"]
    session.execute(insert(AuditSealedRow).from_select(columns, unsealed))
