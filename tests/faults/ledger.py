"""The mail server's own log, laid beside the table of messages."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.models import MessageEventRow, MessageRow
from loyalty.delivery.queries.monitor import verify
from loyalty.delivery.values import (
    PENDING,
    WENT_OUT,
    Books,
    MessageKind,
    MessageState,
    Reason,
)
from tests.faults.sink import ACCEPTED, OF_THE_CONNECTION, Fault

_NEVER_LEFT = frozenset(
    {
        MessageState.FAILED,
        MessageState.SUPPRESSED,
        MessageState.EXPIRED,
        MessageState.CANCELLED,
    }
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the mail server's log."""

    at: float
    what: str
    key: str
    """The part of the Message-ID before the @: the hand-over key."""

    to: str
    link: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A message as the table has it, and how often its mail was accepted."""

    key: str
    kind: MessageKind
    channel: Channel | None
    customer_id: CustomerID
    state: MessageState
    accepted: int
    doubts: int
    """How often it was planned again because nobody could confirm its hand-over."""

    @property
    def once(self) -> bool:
        """Whether it went out, and exactly once."""
        by_mail = self.channel is Channel.EMAIL
        return self.state in WENT_OUT and self.accepted == (1 if by_mail else 0)


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Everything that happened, from both sides."""

    lines: tuple[Line, ...]
    entries: tuple[Entry, ...]
    books: Books

    @property
    def faults(self) -> Counter[str]:
        """What the mail server did wrong, by kind."""
        return Counter(line.what for line in self.lines if line.what != ACCEPTED)

    @property
    def broken_connections(self) -> int:
        """How many of its faults broke a connection."""
        return sum(self.faults[fault] for fault in OF_THE_CONNECTION)

    @property
    def once(self) -> int:
        """How many messages went out exactly once."""
        return sum(entry.once for entry in self.entries)

    def count(self, *states: MessageState) -> int:
        """Return how many messages are in one of these states."""
        return sum(entry.state in states for entry in self.entries)

    def problems(self) -> list[str]:
        """Say what must not be: each a sentence with its count."""
        odd = {
            "mails that no message knows": self._strangers(),
            "messages still pending": self.count(*PENDING),
            "marketing mails accepted twice": self._doubled(MessageKind.MARKETING),
            "service mails accepted again without a doubt": sum(
                entry.accepted > 1 + entry.doubts for entry in self.entries
            ),
            "messages called sent that were not accepted": sum(
                entry.state in WENT_OUT
                and entry.channel is Channel.EMAIL
                and not entry.accepted
                for entry in self.entries
            ),
            "messages called not sent that were accepted": sum(
                entry.state in _NEVER_LEFT and entry.accepted > 0
                for entry in self.entries
            ),
        }
        found = [f"{count} {text}" for text, count in odd.items() if count]
        return [*found, *self.books.problems]

    def most_to_one(self, customers: frozenset[CustomerID]) -> int:
        """Return the most offers that one of these customers got or may have got."""
        got = Counter(
            entry.customer_id
            for entry in self.entries
            if entry.customer_id in customers
            and entry.kind is MessageKind.MARKETING
            and (entry.state is MessageState.UNKNOWN or entry.state in WENT_OUT)
        )
        return max(got.values(), default=0)

    def table(self) -> Iterator[str]:
        """Give the lines of a table: states by how often the mail was accepted."""
        yield f"{'':24}{'not accepted':>14}{'once':>8}{'twice or more':>15}"
        counts = Counter(
            (entry.kind, entry.state, min(entry.accepted, 2)) for entry in self.entries
        )
        for kind, state in sorted({key[:2] for key in counts}):
            never, once, more = (counts[kind, state, times] for times in range(3))
            yield f"{kind + ', ' + state:24}{never:14,}{once:8,}{more:15,}"

    def _strangers(self) -> int:
        known = {entry.key for entry in self.entries}
        return sum(
            line.what == ACCEPTED and line.key not in known for line in self.lines
        )

    def _doubled(self, kind: MessageKind) -> int:
        return sum(entry.kind is kind and entry.accepted > 1 for entry in self.entries)


def read_log(path: Path) -> tuple[Line, ...]:
    """Read the mail server's log."""
    lines = []
    for text in path.read_text().splitlines():
        at, what, key, to, link = text.split("\t")
        name = key.partition("@")[0]
        lines.append(Line(at=float(at), what=what, key=name, to=to, link=link))
    return tuple(lines)


def read_ledger(session: Session, log: Path) -> Ledger:
    """Lay the table beside the log."""
    lines = read_log(log)
    accepted = Counter(line.key for line in lines if line.what == ACCEPTED)
    doubts = _doubts(session)
    rows = session.execute(
        select(
            MessageRow.id,
            MessageRow.handover_key,
            MessageRow.kind,
            MessageRow.channel,
            MessageRow.customer_id,
            MessageRow.state,
        )
    )
    entries = tuple(
        Entry(
            key=row.handover_key,
            kind=row.kind,
            channel=row.channel,
            customer_id=row.customer_id,
            state=row.state,
            accepted=accepted[row.handover_key],
            doubts=doubts.get(row.id, 0),
        )
        for row in rows
    )
    return Ledger(lines=lines, entries=entries, books=verify(session))


def faults_of(kinds: Mapping[Fault, int], places: list[int]) -> dict[int, Fault]:
    """Give each fault its place among the mails, in the order of the places."""
    wanted = [fault for fault, count in kinds.items() for _ in range(count)]
    return dict(zip(places, wanted, strict=True))


def _doubts(session: Session) -> dict[int, int]:
    again = (
        select(MessageEventRow.message_id, func.count())
        .where(
            MessageEventRow.state == MessageState.PLANNED,
            MessageEventRow.reason.in_((Reason.LEASE_ENDED, Reason.TEMPORARY)),
        )
        .group_by(MessageEventRow.message_id)
    )
    return dict(session.execute(again).all())
