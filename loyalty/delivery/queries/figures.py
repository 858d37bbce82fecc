"""What waits and who works, read from small indexes alone.

Everything here is asked every few seconds, by pages and by Prometheus, and must cost
the same with a hundred million messages behind it: due and held messages stand in
partial indexes, and long queues are counted up to a bound.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import String, func, literal, literal_column, select, text, union_all
from sqlalchemy.orm import Session

from loyalty.customers.values import Channel
from loyalty.delivery.models import HeartbeatRow, MessageRow, PauseRow
from loyalty.delivery.values import MessageState

COUNTED = 10_000
"""A channel's due messages are counted so far; more are "at least" so many."""

FRESH = timedelta(seconds=40)
"""A process that has been silent for longer is taken to be gone; it says that it is
alive every five to fifteen seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """Messages of one channel that could leave now; none of what is paused."""

    count: int = 0
    """At most ``COUNTED``."""

    oldest: datetime | None = None
    """When the one that waits longest was due."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Process:
    """A process that said that it is alive, by the machine's clock."""

    name: str
    kind: str
    """``dispatcher`` or ``worker``."""

    at: datetime
    leads: bool
    fresh: bool

    @property
    def queue(self) -> str:
        """The queue that a worker serves."""
        return self.name.partition(":")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """How delivery stands at this moment."""

    waiting: Mapping[Channel, Waiting]
    """Every channel, the idle ones too."""

    held: Mapping[MessageState, int]
    """Messages in workers' hands: claimed, and being handed over."""

    overdue: int
    """Of those, messages whose worker's lease has ended: it is gone."""

    pauses: Mapping[str, int] = field(default_factory=dict)
    """How many pauses there are of everything, of channels, of campaigns."""

    processes: Sequence[Process] = ()

    @property
    def leader(self) -> Process | None:
        """The dispatcher that leads, if it is alive."""
        return next((one for one in self.processes if one.leads and one.fresh), None)


def read_figures(session: Session, *, now: datetime, machine_now: datetime) -> Figures:
    """Return how delivery stands, due by the shop's clock, alive by the machine's."""
    scopes = session.scalars(select(PauseRow.scope)).all()
    held, overdue = _held(session, machine_now)
    return Figures(
        waiting=_waiting(session, scopes, now),
        held=held,
        overdue=overdue,
        pauses=Counter(scope.partition(":")[0] for scope in scopes),
        processes=list_processes(session, machine_now=machine_now),
    )


def list_processes(session: Session, *, machine_now: datetime) -> Sequence[Process]:
    """Return every process that was alive of late, the leader first."""
    rows = session.scalars(
        select(HeartbeatRow).order_by(
            HeartbeatRow.leads.desc(), HeartbeatRow.kind, HeartbeatRow.name
        )
    )
    return [
        Process(
            name=row.name,
            kind=row.kind,
            at=row.at,
            leads=row.leads,
            fresh=row.at > machine_now - FRESH,
        )
        for row in rows
    ]


def dispatcher_is_alive(session: Session, *, machine_now: datetime) -> bool:
    """Test whether some dispatcher was alive of late."""
    seen = session.scalar(
        select(func.max(HeartbeatRow.at)).where(HeartbeatRow.kind == "dispatcher")
    )
    return seen is not None and seen > machine_now - FRESH


def _waiting(
    session: Session, scopes: Sequence[str], now: datetime
) -> dict[Channel, Waiting]:
    found = dict.fromkeys(Channel, Waiting())
    if "all" in scopes:
        return found
    open_channels = [one for one in Channel if f"channel:{one.value}" not in scopes]
    paused = [int(s.removeprefix("campaign:")) for s in scopes if "campaign:" in s]
    if not open_channels:
        return found
    parts = []
    for channel in open_channels:
        # Written out, not bound: a prepared plan must know that the partial index of
        # planned messages holds all that is asked for.
        first = (
            select(MessageRow.due_at, MessageRow.campaign_id)
            .where(
                MessageRow.state == literal_column("'planned'"),
                MessageRow.channel == channel,
                MessageRow.due_at <= now,
            )
            .order_by(MessageRow.due_at)
            .limit(COUNTED)
            .subquery()
        )
        goes = func.coalesce(first.c.campaign_id, 0).not_in(paused)
        part = select(
            literal(channel.value, String).label("channel"),
            func.count().label("waiting"),
            func.min(first.c.due_at).label("oldest"),
        ).select_from(first)
        parts.append(part.where(goes) if paused else part)
    for row in session.execute(union_all(*parts)):
        found[Channel(row.channel)] = Waiting(count=row.waiting, oldest=row.oldest)
    return found


def _held(
    session: Session, machine_now: datetime
) -> tuple[dict[MessageState, int], int]:
    rows = session.execute(
        select(
            MessageRow.state,
            func.count().label("held"),
            func.count().filter(MessageRow.lease_until < machine_now).label("overdue"),
        )
        .where(text("state in ('claimed', 'sending')"))
        .group_by(MessageRow.state)
    ).all()
    held = dict.fromkeys((MessageState.CLAIMED, MessageState.SENDING), 0)
    held |= {row.state: row.held for row in rows}
    return held, sum(row.overdue for row in rows)
