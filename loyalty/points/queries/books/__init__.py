"""
Checking the ledger's books: every invariant in one statement each, over all rows.

A statement gives a row with a sentence for each thing that is wrong; on a sound ledger
it gives none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from loyalty.points.models import AccountRow, TransferRow
from loyalty.points.queries.books import lots, movements, totals
from loyalty.points.queries.books.checks import Check
from loyalty.points.queries.books.seals import broken_seals

CHECKS: Final[Sequence[Check]] = (
    *movements.CHECKS,
    *lots.CHECKS,
    *totals.CHECKS,
)

_SHOWN: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrong:
    """Something that an invariant forbids."""

    invariant: int
    """Its number in the documentation of the ledger."""

    rule: str
    count: int
    """How many rows are wrong in this way."""

    where: tuple[str, ...]
    """What is wrong with the first of them, in plain words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Audit:
    """What was looked at, and what is wrong."""

    members: int
    transfers: int
    wrong: tuple[Wrong, ...]


def verify(session: Session) -> Audit:
    """Check every invariant of the ledger that it can see by itself."""
    wrong = [found for check in CHECKS if (found := run(session, check))]
    broken = broken_seals(session)
    if broken:
        wrong.append(
            Wrong(
                invariant=10,
                rule="The hash chain over the movements is whole.",
                count=len(broken),
                where=broken[:_SHOWN],
            )
        )
    return Audit(
        members=session.scalar(select(func.count()).select_from(AccountRow)) or 0,
        transfers=session.scalar(select(func.count()).select_from(TransferRow)) or 0,
        wrong=tuple(sorted(wrong, key=lambda found: found.invariant)),
    )


def run(session: Session, check: Check) -> Wrong | None:
    """Return what one check finds wrong, or None."""
    statement = text(
        f"WITH wrong AS ({check.sql})"  # noqa: S608  # our own statements
        f" SELECT said, count(*) OVER () FROM wrong ORDER BY 1 LIMIT {_SHOWN}"
    )
    rows = session.execute(statement).all()
    if not rows:
        return None
    return Wrong(
        invariant=check.invariant,
        rule=check.rule,
        count=int(rows[0][1]),
        where=tuple(str(said) for said, _ in rows),
    )
