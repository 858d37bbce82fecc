"""What is rung when, and who is alive."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base


class ScheduleRow(Base):
    """A job that the dispatcher rings again and again."""

    __tablename__ = "schedule"

    name: Mapped[str] = mapped_column(primary_key=True)
    job: Mapped[str]
    arguments: Mapped[dict[str, str | int | bool | None]] = mapped_column(JSONB)
    every_minutes: Mapped[int | None]
    at_minute: Mapped[int | None]
    """Or once a day, at this minute since midnight in ``time_zone``."""

    time_zone: Mapped[str]
    next_at: Mapped[datetime] = mapped_column(index=True)
    rung_at: Mapped[datetime | None]


class HeartbeatRow(Base):
    """When a process last said that it is alive, by the machine's clock."""

    __tablename__ = "process_heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    leads: Mapped[bool]
