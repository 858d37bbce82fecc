"""The gates of the providers, in the database: all workers stand before the same."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from loyalty.delivery.models import ProviderRow
from loyalty.delivery.rules import gate as rules
from loyalty.delivery.rules.gate import Gate

_NAMES = tuple(field.name for field in fields(Gate))


def keep_providers(
    session: Session, *, rates: Mapping[str, float | None], machine_now: datetime
) -> None:
    """Note how fast each provider may be used; how it stands is kept."""
    for name, rate in sorted(rates.items()):
        burst = max(rate or 1.0, 1.0)
        session.execute(
            postgresql.insert(ProviderRow)
            .values(
                name=name,
                rate=rate,
                burst=burst,
                tokens=burst,
                refilled_at=machine_now,
                failures=0,
            )
            .on_conflict_do_update(
                index_elements=[ProviderRow.name], set_={"rate": rate, "burst": burst}
            )
        )


def ask_provider(
    session: Session, *, provider: str, wanted: int, machine_now: datetime
) -> int:
    """
    Return how many messages may be handed to a provider now; they count as handed.

    A provider without a limit that works is only looked at: its row is not locked,
    so that workers don't wait for each other. One that nobody noted has no limit.
    """
    gate = read_gates(session, providers={provider}).get(provider)
    if gate is None:
        return wanted
    granted, after = rules.ask(gate, wanted=wanted, now=machine_now)
    if after == gate:
        return granted
    granted = 0

    def asked(gate: Gate) -> Gate:
        nonlocal granted
        granted, after = rules.ask(gate, wanted=wanted, now=machine_now)
        return after

    _change(session, provider, asked)
    return granted


def return_unused(session: Session, *, provider: str, unused: int) -> None:
    """Give back what was granted and not needed."""
    if unused > 0:
        _change(session, provider, lambda gate: rules.give_back(gate, unused=unused))


def note_success(session: Session, *, provider: str) -> None:
    """Note that a provider took something: its circuit is closed."""
    gate = read_gates(session, providers={provider}).get(provider)
    if gate is not None and gate != rules.succeeded(gate):
        _change(session, provider, rules.succeeded)


def note_failure(
    session: Session,
    *,
    provider: str,
    machine_now: datetime,
    retry_after: float | None = None,
) -> None:
    """Note that a provider took nothing; after some of these it is left alone."""
    keep = postgresql.insert(ProviderRow).values(
        name=provider, burst=1.0, tokens=1.0, refilled_at=machine_now, failures=0
    )
    session.execute(keep.on_conflict_do_nothing())
    _change(
        session,
        provider,
        lambda gate: rules.failed(gate, now=machine_now, retry_after=retry_after),
    )


def read_gates(
    session: Session, *, providers: Collection[str] | None = None
) -> dict[str, Gate]:
    """Return the gates of the providers, or of all that are noted."""
    columns = [getattr(ProviderRow, name) for name in _NAMES]
    rows = select(ProviderRow.name, *columns)
    if providers is not None:
        rows = rows.where(ProviderRow.name.in_(providers))
    return {
        row.name: Gate(**{name: getattr(row, name) for name in _NAMES})
        for row in session.execute(rows)
    }


def _change(session: Session, provider: str, change: Callable[[Gate], Gate]) -> None:
    row = session.scalars(
        select(ProviderRow)
        .where(ProviderRow.name == provider)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return
    after = change(Gate(**{name: getattr(row, name) for name in _NAMES}))
    for name in _NAMES:
        setattr(row, name, getattr(after, name))
    session.flush()
