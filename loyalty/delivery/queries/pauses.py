"""What is paused, as a condition and as a list."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, exists, func, literal, select
from sqlalchemy.orm import Session

from loyalty.delivery.models import MessageRow, PauseRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """Something that is not sent until somebody resumes it."""

    scope: str
    """``all``, ``channel:email`` or ``campaign:12``."""

    paused_at: datetime
    paused_by: str


def paused_scopes(session: Session) -> frozenset[str]:
    """Return what is paused at this moment."""
    return frozenset(session.scalars(select(PauseRow.scope)))


def not_paused(scopes: Collection[str]) -> list[ColumnElement[bool]]:
    """Return the conditions that leave out messages of the campaigns among these."""
    campaigns = [
        int(scope.removeprefix("campaign:"))
        for scope in sorted(scopes)
        if scope.startswith("campaign:")
    ]
    if not campaigns:
        return []
    return [func.coalesce(MessageRow.campaign_id, 0).not_in(campaigns)]


def paused() -> ColumnElement[bool]:
    """Return the condition that a message must not leave now."""
    return exists().where(
        PauseRow.scope.in_(
            [
                literal("all"),
                literal("channel:").concat(cast(MessageRow.channel, String)),
                literal("campaign:").concat(cast(MessageRow.campaign_id, String)),
            ]
        )
    )


def list_pauses(session: Session) -> tuple[Pause, ...]:
    """Return what is paused, the longest first."""
    rows = session.scalars(select(PauseRow).order_by(PauseRow.paused_at))
    return tuple(
        Pause(scope=row.scope, paused_at=row.paused_at, paused_by=row.paused_by)
        for row in rows
    )
