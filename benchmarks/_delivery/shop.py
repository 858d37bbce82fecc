"""A programme whose members may all be written to at this hour."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from benchmarks._delivery.sinks import Sink, running_sink
from benchmarks._seeding import PROGRAMME
from jobs.cli.checking import migrate
from jobs.cli.setting_up import configured, opened
from loyalty import embedded
from loyalty.core.clock import machine_now
from loyalty.core.database import Database, open_engine
from loyalty.core.vault import Vault
from loyalty.customers.models import (
    ChannelRow,
    ConsentRow,
    ContactRow,
    CustomerRow,
)
from loyalty.customers.values import (
    Channel,
    ContactKind,
    CustomerID,
    CustomerStatus,
    Purpose,
)
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageRow
from loyalty.delivery.render import offer_parameters
from loyalty.delivery.values import (
    DeliveryPolicy,
    MessageKind,
    MessageState,
    NewMessage,
)
from loyalty.settings import Settings
from loyalty.stores.service import save_programme

AT_ONCE: Final = 5_000
_NOON: Final = 12
_FIRST_LIKENESS: Final = 1_000_001
_CAP: Final = 1_000
POLICY: Final = DeliveryPolicy(quiet=(), max_per_week=_CAP)
_A_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """Servers with a programme, and a sink for its mails."""

    settings: Settings
    database: Database
    sink: Sink

    @property
    def vault(self) -> Vault:
        """What seals the members' names."""
        return Vault(self.settings.secret_key.get_secret_value())


@contextmanager
def running_shop() -> Iterator[Shop]:
    """Run servers with an empty programme in a folder of their own, and a sink."""
    with running_sink() as sink, TemporaryDirectory(prefix="loyalty-bench-") as name:
        given = {
            "LOYALTY_DATA_DIR": name,
            "LOYALTY_SMTP_URL": f"smtp://127.0.0.1:{sink.port}",
            "LOYALTY_LOG_LEVEL": "WARNING",
        }
        try:
            with configured(given) as settings:
                migrate(settings)
                with opened(settings) as database:
                    _save_programme(database)
                    yield Shop(settings=settings, database=database, sink=sink)
        finally:
            embedded.remove(Path(name))


def as_owner(shop: Shop, statement: str) -> None:
    """Do what only the tables' owner may, outside of a transaction."""
    url = shop.settings.owner_database_url or shop.settings.database_url
    engine = open_engine(url)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text(statement))
    engine.dispose()


def tidy(shop: Shop) -> None:
    """Bring the messages' tables into the order in which a quiet hour leaves them."""
    as_owner(shop, "VACUUM ANALYZE message, message_event")


def empty(shop: Shop) -> None:
    """Forget all messages; what happened to them is kept for good."""
    as_owner(shop, "TRUNCATE message, message_key")


def _save_programme(database: Database) -> None:
    programme = replace(
        PROGRAMME,
        quiet_from_minute=0,
        quiet_until_minute=0,
        max_messages_per_week=_CAP,
    )
    with database.transaction() as session:
        save_programme(
            session, programme=programme, actor="benchmark", now=machine_now()
        )


def noon_zone(now: datetime) -> str:
    """Return a zone where it is noon, so that nobody sleeps."""
    ahead = _NOON - now.astimezone(UTC).hour
    # POSIX counts to the west.
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def add_members(database: Database, vault: Vault, count: int) -> None:
    """Add members with a sealed name and address, and a consent to offers by mail."""
    now = machine_now()
    for first in range(1, count + 1, AT_ONCE):
        ids = range(first, min(first + AT_ONCE, count + 1))
        with database.transaction() as session:
            _add_some(session, vault, ids, now=now)


def add_likenesses(shop: Shop, count: int) -> range:
    """Add members by the million of whom nobody opens the name; return their ids."""
    now = machine_now()
    ids = range(_FIRST_LIKENESS, _FIRST_LIKENESS + count)
    values = {"first": ids[0], "last": ids[-1], "now": now, "zone": noon_zone(now)}
    with shop.database.transaction() as session:
        for statement in _LIKENESSES:
            session.execute(text(statement), values)
    as_owner(shop, "ANALYZE")
    return ids


def plan(
    database: Database, ids: Sequence[int], *, occasion: str, brought_forward: bool
) -> None:
    """Plan an offer for each; brought forward, all of them are due at once."""
    now = machine_now()
    for first in range(0, len(ids), AT_ONCE):
        messages = [
            offer_to(CustomerID(id_), occasion=occasion, now=now)
            for id_ in ids[first : first + AT_ONCE]
        ]
        with database.transaction() as session:
            delivery.plan_messages(session, messages=messages, policy=POLICY, now=now)
    if brought_forward:
        with database.transaction() as session:
            session.execute(
                update(MessageRow)
                .where(MessageRow.state == MessageState.PLANNED)
                .values(due_at=now)
            )


def offer_to(customer_id: CustomerID, *, occasion: str, now: datetime) -> NewMessage:
    """Return an offer as a campaign would tell it."""
    return NewMessage(
        customer_id=customer_id,
        kind=MessageKind.MARKETING,
        template="offer",
        parameters=offer_parameters(
            shop="Benchmark",
            sentence="20 % off all coffee, beans and ground, in every store",
            why="You often buy coffee, and lately twice a week.",
            terms="One pack of each kind, at most three in all. Not with other offers. "
            "While stocks last, until the end of the week.",
            valid_until=now + _A_WEEK,
        ),
        subject="promotion:coffee",
        occasion=occasion,
        not_after=now + _A_WEEK,
    )


def _add_some(session: Session, vault: Vault, ids: range, *, now: datetime) -> None:
    people, contacts = [], []
    for id_ in ids:
        key = vault.new_member_key(member=id_)
        member = vault.member(key, member=id_)
        address = f"member{id_}@example.org"
        people.append(
            {
                "id": id_,
                "status": CustomerStatus.ACTIVE,
                "enrolled_at": now,
                "enrolled_by": "system",
                "language": "en",
                "time_zone": noon_zone(now),
                "member_key": key,
                "first_name": member.seal("customer.first_name", "Ada"),
            }
        )
        contacts.append(
            {
                "customer_id": id_,
                "kind": ContactKind.EMAIL,
                "value": member.seal("contact", address),
                "lookup": vault.blind_index(ContactKind.EMAIL, address),
                "landline": False,
                "added_at": now,
                "verified_at": now,
            }
        )
    order = [
        {"customer_id": id_, "position": 0, "channel": Channel.EMAIL} for id_ in ids
    ]
    consents = [
        {
            "customer_id": id_,
            "purpose": Purpose.MARKETING,
            "channel": Channel.EMAIL,
            "given": True,
            "wording": "Offers by e-mail",
            "wording_version": "1",
            "source": "till",
            "actor": "staff:1",
            "at": now,
        }
        for id_ in ids
    ]
    session.execute(insert(CustomerRow), people)
    session.execute(insert(ContactRow), contacts)
    session.execute(insert(ChannelRow), order)
    session.execute(insert(ConsentRow), consents)


_LIKENESSES: Final = (
    """
    INSERT INTO customer (id, status, enrolled_at, enrolled_by, language, time_zone)
    SELECT id, 'active', :now, 'system', 'en', :zone
      FROM generate_series(:first, :last) AS id
    """,
    """
    INSERT INTO customer_contact
           (customer_id, kind, value, lookup, landline, added_at, verified_at)
    SELECT id, 'email', '', decode(md5(id::text), 'hex'), false, :now, :now
      FROM generate_series(:first, :last) AS id
    """,
    """
    INSERT INTO customer_channel (customer_id, position, channel)
    SELECT id, 0, 'email' FROM generate_series(:first, :last) AS id
    """,
    """
    INSERT INTO customer_consent (customer_id, purpose, channel, given, wording,
           wording_version, source, actor, at)
    SELECT id, 'marketing', 'email', true, 'Offers', '1', 'till', 'staff:1', :now
      FROM generate_series(:first, :last) AS id
    """,
)
