"""The shop's tiers as they are, and as they were."""

from collections.abc import Collection
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.tiers.models import LadderRow
from loyalty.tiers.values import Basis, Ladder, Span, Tier

NO_LADDER = Ladder(
    basis=Basis.POINTS, span=Span.ROLLING, days=365, grace_days=90, tiers=()
)
"""What counts before anybody made tiers."""


def get_ladder(session: Session) -> Ladder:
    """Return the tiers that count now; without any before they are made."""
    row = session.scalar(select(LadderRow).order_by(LadderRow.version.desc()).limit(1))
    return NO_LADDER if row is None else _to_value(row)


def get_ladders(session: Session, *, versions: Collection[int]) -> dict[int, Ladder]:
    """Return tiers as they were, by their versions."""
    rows = session.scalars(select(LadderRow).where(LadderRow.version.in_(versions)))
    return {row.version: _to_value(row) for row in rows}


def _to_value(row: LadderRow) -> Ladder:
    return Ladder(
        basis=row.basis,
        span=row.span,
        days=row.days,
        grace_days=row.grace_days,
        tiers=tuple(
            Tier(
                code=str(tier["code"]),
                name=cast("dict[str, str]", tier["name"]),
                threshold=cast("int", tier["threshold"]),
            )
            for tier in row.tiers
        ),
        version=row.version,
    )
