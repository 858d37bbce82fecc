"""What the programme does night by night."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from jobs.context import WorkerContext, worker
from jobs.tasks.programme import expire_gift_cards, follow_households
from loyalty.core import clock
from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.core.money import Money
from loyalty.giftcards.queries import get_account, list_transfers
from loyalty.giftcards.service import Sale, issue_card, save_policy, sell
from loyalty.giftcards.values import GiftAccountID, GiftPolicy, Move
from loyalty.points.queries import balance
from loyalty.points.service import earn
from loyalty.points.values import Earning, Request
from loyalty.sharing.service import answer, invite
from loyalty.stores.queries import get_store
from tests.factories import NOW, STORE, enrol, small_vault


@pytest.fixture
def night(database: Database, tmp_path: Path) -> Iterator[None]:
    """Be a worker, a month after the shop's day."""
    token = worker.set(
        WorkerContext(
            name="test",
            database=database,
            vault=small_vault(),
            channels={},
            public_url="http://localhost",
            data_dir=tmp_path,
        )
    )
    clock.use_source(lambda: NOW + timedelta(days=30))
    yield
    clock.use_source(machine_now)
    worker.reset(token)


def sold(database: Database, *, days: int | None) -> GiftAccountID:
    """Sell a card of 10.00 that lasts so many days."""
    with database.transaction() as session:
        policy = GiftPolicy(valid_days=days)
        save_policy(session, policy=policy, actor="system", now=NOW)
        ten = Money(amount=1000, currency="EUR")
        made = issue_card(session, face=ten, actor="staff:1", now=NOW)
        sale = Sale(
            amount=ten,
            store_id=get_store(session, code=STORE).id,
            request_key="sale",
            actor="staff:1",
        )
        sell(session, account_id=made.account.id, sale=sale, now=NOW)
        return made.account.id


@pytest.mark.usefixtures("night")
class TestGiftCards:
    def test_end_once_and_only_when_their_day_has_come(
        self, database: Database
    ) -> None:
        ended, lasting, endless = (sold(database, days=n) for n in (30, 31, None))

        expire_gift_cards()
        expire_gift_cards()

        with database.transaction() as session:
            balances = [
                get_account(session, account_id=card).balance.amount
                for card in (ended, lasting, endless)
            ]
            moves = [one.move for one in list_transfers(session, account_id=ended)]
        assert balances == [0, 1000, 1000]
        assert moves == [Move.EXPIRE, Move.SELL]


@pytest.mark.usefixtures("night")
class TestHouseholds:
    def test_get_what_their_members_have_by_now(self, database: Database) -> None:
        with database.transaction() as session:
            ada, bob = (enrol(session, f"{n}@example.org").profile.id for n in "ab")
            made = invite(session, keeper=ada, invited=bob, actor="c:1", now=NOW)
            answer(
                session, customer_id=bob, invitation_id=made.id, accept=True, now=NOW
            )
            request = Request(key="start", actor="system")
            earning = Earning(points=40, request=request, immediately=True)
            earn(session, customer_id=bob, earning=earning, now=NOW)

        follow_households()
        follow_households()

        with database.transaction() as session:
            assert balance(session, customer_id=ada) == 40
            assert balance(session, customer_id=bob) == 0
