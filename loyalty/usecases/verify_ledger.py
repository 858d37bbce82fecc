"""Checking the points' books: the ledger's own, and what purchases earned by rule."""

from dataclasses import replace

from sqlalchemy.orm import Session

from loyalty.points.queries.books import Audit, verify
from loyalty.promotions.queries.earnings import wrong_earnings


def verify_ledger(session: Session) -> Audit:
    """
    Check all invariants of the points ledger, and say what is wrong and where.

    Reads alone; a transaction that sees one moment (``REPEATABLE READ``) keeps
    movements that are written meanwhile from being taken for mistakes.
    """
    audit = verify(session)
    found = wrong_earnings(session)
    if found is None:
        return audit
    wrong = sorted((*audit.wrong, found), key=lambda one: one.invariant)
    return replace(audit, wrong=tuple(wrong))
