"""People, their posts and codes, on a real database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select

import loyalty.stores.models  # noqa: F401  # the metadata has to know all tables
from loyalty.core.audit import AuditEntry
from loyalty.core.clock import machine_now
from loyalty.core.database import Base, Database, open_engine
from loyalty.core.errors import Invalid
from loyalty.core.jobs import NoQueue
from loyalty.core.vault import Vault
from loyalty.staff import queries
from loyalty.staff.models import StaffRow
from loyalty.staff.service import factors, members, sessions
from loyalty.staff.service.factors import CodeWrong
from loyalty.staff.service.members import AddressTaken, LastAdministrator
from loyalty.staff.values import Post, Role, SessionLimits, StaffMember

ADMINISTRATOR = Post(role=Role.ADMINISTRATOR)
LIMITS = SessionLimits(idle=60, absolute=600)


@pytest.fixture
def database(fresh_postgres_url: str) -> Iterator[Database]:
    engine = open_engine(fresh_postgres_url, pool_size=8)
    Base.metadata.create_all(engine)
    yield Database(engine, NoQueue(), Vault("a secret of at least 32 letters!"))
    engine.dispose()


def add(database: Database, email: str, *posts: Post) -> StaffMember:
    with database.transaction() as session:
        return members.add_member(
            session,
            email=email,
            name="Ewa",
            posts=posts,
            actor="system",
            now=machine_now(),
        )


def count(database: Database, table: type[Base]) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


class TestMember:
    def test_is_added_with_posts_and_noted_in_the_audit(
        self, database: Database
    ) -> None:
        ewa = add(database, " Ewa@Shop.example.com ", ADMINISTRATOR, ADMINISTRATOR)

        assert ewa.email == "ewa@shop.example.com"
        assert ewa.posts == (ADMINISTRATOR,)
        with database.transaction() as session:
            assert queries.find_member(session, email="EWA@shop.example.com") == ewa
            (entry,) = session.scalars(select(AuditEntry))
        assert entry.action == "staff.add"
        assert entry.after == {"posts": ["administrator@all"]}

    def test_has_an_address_of_their_own(self, database: Database) -> None:
        add(database, "ewa@shop.example.com", ADMINISTRATOR)

        with pytest.raises(AddressTaken):
            add(database, "EWA@shop.example.com", ADMINISTRATOR)
        with pytest.raises(Invalid):
            add(database, "ewa", ADMINISTRATOR)

        assert count(database, StaffRow) == 1

    def test_stays_when_they_are_the_last_administrator(
        self, database: Database
    ) -> None:
        ewa = add(database, "ewa@shop.example.com", ADMINISTRATOR)

        with pytest.raises(LastAdministrator), database.transaction() as session:
            members.set_disabled(
                session,
                staff_id=ewa.id,
                disabled=True,
                actor=ewa.actor,
                now=machine_now(),
            )
        with pytest.raises(LastAdministrator), database.transaction() as session:
            members.set_posts(
                session, staff_id=ewa.id, posts=[], actor=ewa.actor, now=machine_now()
            )

        with database.transaction() as session:
            assert queries.get_member(session, staff_id=ewa.id) == ewa

    def test_loses_every_browser_when_disabled(self, database: Database) -> None:
        add(database, "ewa@shop.example.com", ADMINISTRATOR)
        jan = add(database, "jan@shop.example.com", Post(role=Role.MARKETER))
        now = machine_now()
        with database.transaction() as session:
            token = sessions.open_session(
                session, staff_id=jan.id, browser="x", store_id=None, now=now
            )
        with database.transaction() as session:
            assert queries.find_presence(session, token=token, limits=LIMITS, now=now)

        with database.transaction() as session:
            members.set_disabled(
                session, staff_id=jan.id, disabled=True, actor="system", now=now
            )

        with database.transaction() as session:
            assert not queries.find_presence(
                session, token=token, limits=LIMITS, now=now
            )
            members.set_disabled(
                session, staff_id=jan.id, disabled=False, actor="system", now=now
            )
        with database.transaction() as session:
            assert not queries.find_presence(
                session, token=token, limits=LIMITS, now=now
            )


class TestCode:
    def test_works_for_one_of_many_that_come_at_once(self, database: Database) -> None:
        ewa = add(database, "ewa@shop.example.com", ADMINISTRATOR)
        now = machine_now()
        with database.transaction() as session:
            address = factors.begin_totp(session, staff_id=ewa.id)
            totp = pyotp.parse_uri(address)
            assert isinstance(totp, pyotp.TOTP)
            before = now - timedelta(minutes=5)
            factors.confirm_totp(
                session, staff_id=ewa.id, code=totp.at(before), now=before
            )
        code = totp.at(now)

        def attempt(_number: int) -> bool:
            try:
                with database.transaction() as session:
                    factors.check_second_factor(
                        session, staff_id=ewa.id, code=code, now=now
                    )
            except CodeWrong:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(attempt, range(8)))

        assert won.count(True) == 1

    def test_of_an_earlier_step_is_refused_after_a_later_one(
        self, database: Database
    ) -> None:
        ewa = add(database, "ewa@shop.example.com", ADMINISTRATOR)
        now = machine_now()
        with database.transaction() as session:
            totp = pyotp.parse_uri(factors.begin_totp(session, staff_id=ewa.id))
            assert isinstance(totp, pyotp.TOTP)
            factors.confirm_totp(session, staff_id=ewa.id, code=totp.at(now), now=now)

        earlier = totp.at(now - timedelta(seconds=30))
        with pytest.raises(CodeWrong), database.transaction() as session:
            factors.check_second_factor(session, staff_id=ewa.id, code=earlier, now=now)
