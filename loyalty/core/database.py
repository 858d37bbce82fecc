"""The declarative base, and the transaction that every write happens in."""

import enum
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NewType

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Enum,
    LargeBinary,
    MetaData,
    create_engine,
    event,
)
from sqlalchemy.orm import DeclarativeBase, Session, TypeResolve, sessionmaker
from sqlalchemy.types import TypeDecorator, TypeEngine

from loyalty.core.jobs import JobQueue, push_after_commit
from loyalty.core.vault import Vault


class UTCDateTime(TypeDecorator[datetime]):
    """A moment in UTC; refuses naive datetimes on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        """Refuse a datetime that does not say which zone it is in."""
        if value is not None and value.tzinfo is None:
            message = "naive datetime given to a UTC column"
            raise ValueError(message)
        return value and value.astimezone(UTC)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        """Return the moment in UTC, whatever the server's zone is."""
        return value and value.astimezone(UTC)


def _values(members: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in members]


def enum_type(members: type[enum.Enum], *, name: str) -> Enum:
    """Return VARCHAR with a check of that name, for a second column of one enum."""
    return Enum(
        members,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=32,
        values_callable=_values,
    )


class Base(DeclarativeBase):
    """Base of all models; constraints get predictable names for migrations."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads it as declared
        datetime: UTCDateTime,
        int: BigInteger,
        bytes: LargeBinary,
        enum.Enum: Enum(
            enum.Enum,
            native_enum=False,
            create_constraint=True,
            length=32,
            values_callable=_values,
        ),
    }


@event.listens_for(Base, "resolve_type_annotation")
def _stored_as_supertype(found: TypeResolve) -> TypeEngine[Any] | None:
    """Store ``NewType("CardID", int)`` as an int is stored."""
    if isinstance(found.resolved_type, NewType):
        return found.resolve(found.resolved_type.__supertype__)
    return None


def open_engine(url: str, *, pool_size: int = 8) -> Engine:
    """Open the PostgreSQL database at this address."""
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_size=pool_size,
        max_overflow=8,
        connect_args={"connect_timeout": 5, "options": "-c timezone=UTC"},
    )


class Database:
    """One engine, and transactions on it."""

    def __init__(self, engine: Engine, queue: JobQueue, vault: Vault) -> None:
        self.engine = engine
        self._sessions = sessionmaker(
            engine,
            expire_on_commit=False,
            info={"vault": vault},
            # On a connection whose transaction is open, a rollback undoes its own.
            join_transaction_mode="create_savepoint",
        )
        push_after_commit(self._sessions, queue)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session; commit at the end, roll back on any exception."""
        with self._sessions.begin() as session:
            yield session


def copy_rows(
    session: Session, statement: str, rows: Iterable[tuple[object, ...]]
) -> None:
    """Add many rows at once, in the session's transaction: ``COPY … FROM STDIN``."""
    cursor = session.connection().connection.cursor()
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
