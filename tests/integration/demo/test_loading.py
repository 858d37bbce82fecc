"""The demo shop in a real database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from loyalty import embedded
from loyalty.cards.models import CardRow
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.core.vault import Vault
from loyalty.customers import queries as customers
from loyalty.customers.models import CustomerRow
from loyalty.customers.values import Channel, ContactKind
from loyalty.demo.loading import Loaded, is_loaded, load
from loyalty.offers.queries import past_campaigns
from loyalty.points.models import AccountRow, LotRow, TransferRow
from loyalty.promotions.queries import list_promotions
from loyalty.promotions.values import Trigger
from loyalty.promotions.values.states import PromotionState
from loyalty.purchases.models import PurchaseLineRow, PurchaseRow
from loyalty.stores.queries import list_stores
from tests.servers import new_database, worker_number

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUSEHOLDS = 12


class Interrupted(Exception):
    """The load was ended half-way."""


@contextmanager
def opened(url: str) -> Iterator[Database]:
    engine = open_engine(url)
    yield Database(engine, NoQueue(), Vault("s" * 40))
    engine.dispose()


@pytest.fixture(scope="module")
def shop(servers: embedded.Servers) -> Iterator[tuple[Database, Loaded]]:
    """Give a database with a few households, for tests that only read."""
    name = f"loyalty_demo_{worker_number()}"
    with new_database(servers, name) as url, opened(url) as database:
        yield database, load_few(database)


@pytest.fixture
def database(shop: tuple[Database, Loaded]) -> Database:
    return shop[0]


def say_nothing(_step: str, _done: int, _total: int) -> None:
    """Ignore progress."""


def load_few(database: Database) -> Loaded:
    return load(database, households=HOUSEHOLDS, now=NOW, progress=say_nothing)


class TestLoad:
    def test_fills_the_shop_with_what_it_says(
        self, shop: tuple[Database, Loaded]
    ) -> None:
        database, loaded = shop

        with database.transaction() as session:
            counted = [
                session.scalar(select(func.count()).select_from(table))
                for table in (CustomerRow, CardRow, PurchaseRow, PurchaseLineRow)
            ]
            stores = list_stores(session)
        expected = [HOUSEHOLDS, HOUSEHOLDS, loaded.purchases, loaded.lines]
        assert counted == expected
        assert len(stores) == loaded.stores
        assert is_loaded(database)

    def test_ends_before_today_on_the_data_s_own_weekday(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            last = session.scalar(select(func.max(PurchaseRow.at)))
            week = PurchaseRow.source_week
            weeks = session.execute(select(func.min(week), func.max(week))).one()
        assert last is not None
        assert NOW - timedelta(days=8) < last < NOW
        assert tuple(weeks) == (1, 53)

    def test_brings_past_campaigns_moved_like_the_purchases(
        self, shop: tuple[Database, Loaded]
    ) -> None:
        database, loaded = shop

        with database.transaction() as session:
            members = session.scalars(select(CustomerRow.id)).all()
            found = past_campaigns(session, customer_ids=members)

        assert len(found) == loaded.past_campaigns
        assert {one.kind for one in found} == {"Type A", "Type B", "Type C"}
        used = [
            (one, redemption.day) for one in found for redemption in one.redemptions
        ]
        assert used
        assert all(one.first_day <= day <= one.last_day for one, day in used)
        assert max(day for _, day in used) < NOW.date()

    def test_keeps_the_ledger_s_promises(self, database: Database) -> None:
        with database.transaction() as session:
            balances = session.scalar(select(func.sum(AccountRow.available)))
            moved = session.scalar(select(func.sum(TransferRow.amount)))
            left = session.scalar(select(func.sum(LotRow.points)))
            wrong = session.scalar(
                text(
                    "select count(*) from points_transfer t join purchase p"
                    " on p.id = t.purchase_id where t.amount <> p.net / 100"
                )
            )
            gaps = session.scalar(
                text(
                    "select count(*) from points_account a where a.version <> (select"
                    " count(*) from points_transfer t where t.customer_id ="
                    " a.customer_id) or a.available <> (select balance_after from"
                    " points_transfer t where t.customer_id = a.customer_id and"
                    " t.version = a.version)"
                )
            )
            expired = session.scalar(
                select(func.count()).where(LotRow.expires_at <= NOW)
            )
        assert balances == moved == left
        assert (wrong, gaps, expired) == (0, 0, 0)

    def test_adds_lines_up_to_their_purchase(self, database: Database) -> None:
        with database.transaction() as session:
            differing = session.scalar(
                text(
                    "select count(*) from purchase p join (select purchase_id,"
                    " sum(gross) g, sum(discount) d, sum(net) n, min(net) least"
                    " from purchase_line group by 1) l on l.purchase_id = p.id where"
                    " (p.gross, p.discount, p.net) <> (l.g, l.d, l.n) or least < 0"
                )
            )
        assert differing == 0

    def test_invents_people_who_can_be_reached(self, database: Database) -> None:
        with database.transaction() as session:
            ids = session.scalars(select(CustomerRow.id)).all()
            people = [customers.get_profile(session, customer_id=i) for i in ids]
        addresses = {c.value for p in people for c in p.contacts}
        assert len(addresses) == 2 * HOUSEHOLDS
        for person in people:
            mail = person.contact(ContactKind.EMAIL)
            assert mail is not None
            assert mail.value.endswith("@example.org")
            assert mail.verified_at == person.enrolled_at
            assert person.display_name
            for window in person.preferences.windows:
                assert 8 * 60 <= window.start < window.until <= 21 * 60
        assert any(
            p.marketing_channels == {Channel.EMAIL, Channel.INBOX} for p in people
        )

    def test_makes_coupons_personal_promotions_that_run(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            running = list_promotions(session, states=[PromotionState.ACTIVE])
        personal = [p for p in running if p.promotion.trigger is Trigger.PERSONAL]
        others = {p.promotion.code for p in running} - {
            p.promotion.code for p in personal
        }
        assert len(personal) >= 30
        assert all(p.promotion.limits.per_customer == 1 for p in personal)
        assert others == {
            "coffee-afternoons-20",
            "pizza-3-for-2",
            "five-off-fifty",
            "own-brand-weekend",
        }

    def test_leaves_nothing_when_it_is_interrupted(
        self, fresh_postgres_url: str
    ) -> None:
        def interrupt(step: str, _done: int, _total: int) -> None:
            if step == "Points":
                raise Interrupted

        with opened(fresh_postgres_url) as database:
            with pytest.raises(Interrupted):
                load(database, households=HOUSEHOLDS, now=NOW, progress=interrupt)

            with database.transaction() as session:
                left = session.scalar(select(func.count()).select_from(PurchaseRow))
            assert left == 0
            assert not is_loaded(database)
            assert load_few(database).customers == HOUSEHOLDS
