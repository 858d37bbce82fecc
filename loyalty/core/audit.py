"""Who changed what: one append-only row, in the transaction of the change."""

from datetime import datetime

from sqlalchemy import Identity
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from loyalty.core.database import Base

AuditValues = dict[str, str | int | bool | list[str] | None]
"""What is noted of a thing: plain values, never personal ones."""


class AuditEntry(Base):
    """One change by one actor. A trigger refuses to alter or delete it."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    """``staff:12``, ``key:9f3c``, ``customer:815`` or ``system``."""

    action: Mapped[str]
    """What was done, as ``promotion.activate``."""

    subject: Mapped[str] = mapped_column(index=True)
    """What it was done to, as ``promotion:coffee-20``."""

    before: Mapped[AuditValues | None] = mapped_column(JSONB)
    after: Mapped[AuditValues | None] = mapped_column(JSONB)


def record(  # noqa: PLR0913  # the columns of an entry
    session: Session,
    *,
    now: datetime,
    actor: str,
    action: str,
    subject: str,
    before: AuditValues | None = None,
    after: AuditValues | None = None,
) -> None:
    """Note a change; it stands or falls with the transaction."""
    session.add(
        AuditEntry(
            at=now,
            actor=actor,
            action=action,
            subject=subject,
            before=before,
            after=after,
        )
    )
