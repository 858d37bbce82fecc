"""Providers: how fast they may be used, and whether they can be used now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.delivery.models import ProviderRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Provider:
    """A provider as it stands at this moment, by the machine's clock."""

    name: str
    rate: float | None
    """Messages a second; None is as fast as it goes."""

    burst: float
    tokens: float
    """How many it would take at once just now."""

    failures: int
    open_until: datetime | None
    """Until when nothing is tried, because it took nothing; None: it is used."""

    not_before: datetime | None
    """When it said to come back; None if that is over."""


def list_providers(session: Session, *, machine_now: datetime) -> Sequence[Provider]:
    """Return every provider that was used so far, by name."""
    rows = session.scalars(select(ProviderRow).order_by(ProviderRow.name))
    return [_provider(row, machine_now) for row in rows]


def _provider(row: ProviderRow, machine_now: datetime) -> Provider:
    tokens = row.burst
    if row.rate is not None:
        idle = max(0.0, (machine_now - row.refilled_at).total_seconds())
        tokens = min(row.burst, row.tokens + idle * row.rate)
    return Provider(
        name=row.name,
        rate=row.rate,
        burst=row.burst,
        tokens=tokens,
        failures=row.failures,
        open_until=_ahead(row.open_until, machine_now),
        not_before=_ahead(row.not_before, machine_now),
    )


def _ahead(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment > now else None
