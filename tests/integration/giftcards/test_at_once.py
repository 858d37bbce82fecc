"""Twenty-four tills on one balance, and books that somebody altered."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.core.errors import Refused
from loyalty.core.money import Money
from loyalty.giftcards import queries
from loyalty.giftcards.service import BalanceShort, issue_card, keep_on_account, move
from loyalty.giftcards.values import GiftAccountID, GiftTransfer, Move, Movement
from tests.factories import NOW, enrol

CLIENTS = 24
ALLOWED = 10


UNGUARD = "alter table gift_transfer disable trigger append_only"
FORGED = (
    "insert into gift_transfer (account_id, version, at, debit, credit, amount,"
    " balance_after, request_key, reverses, actor) select id, 3, now(), 'spent',"
    " 'balance', 50, 50, 'forged', 2, 'nobody' from gift_account where kind = 'card'"
)
ATTACKS = [
    (
        "update gift_account set balance = balance + 500",
        "says balance 1500 and version 1, its 1 transfers give 1000 and 1",
    ),
    (
        "update gift_transfer set amount = 1200 where version = 1",
        "says balance 1000 after it, the transfers up to it give 1200",
    ),
    (
        "update gift_transfer set amount = 900 where version = 2",
        "has no other half",
    ),
    (FORGED, "refunds what was never spent"),
    (
        "update gift_account set state = 'waiting' where kind = 'card'",
        "is waiting with balance 0",
    ),
]


def euros(cents: int) -> Money:
    return Money(amount=cents, currency="EUR")


def movement(kind: Move, cents: int, key: str) -> Movement:
    return Movement(move=kind, amount=euros(cents), request_key=key, actor="till:1")


@pytest.fixture
def card(shared_database: Database) -> GiftAccountID:
    """Give a card with 10.00 on it."""
    with shared_database.transaction() as session:
        made = issue_card(session, face=euros(1000), actor="till:1", now=NOW)
        sale = movement(Move.SELL, 1000, "sale")
        move(session, account_id=made.account.id, movement=sale, now=NOW)
        return made.account.id


def at_once(
    database: Database, work: Callable[[Session, int], GiftTransfer]
) -> list[GiftTransfer | Refused]:
    ready = Barrier(CLIENTS, timeout=30)

    def act(client: int) -> GiftTransfer | Refused:
        ready.wait()
        try:
            with database.transaction() as session:
                return work(session, client)
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(act, range(CLIENTS)))


class TestManyTills:
    def test_spend_exactly_what_is_there(
        self, shared_database: Database, card: GiftAccountID
    ) -> None:
        def spend(session: Session, client: int) -> GiftTransfer:
            asked = movement(Move.SPEND, 100, f"basket-{client}")
            return move(session, account_id=card, movement=asked, now=NOW)

        results = at_once(shared_database, spend)

        paid = [one for one in results if isinstance(one, GiftTransfer)]
        assert len(paid) == ALLOWED
        assert sorted(one.balance_after.amount for one in paid) == list(
            range(0, 1000, 100)
        )
        refused = [one for one in results if not isinstance(one, GiftTransfer)]
        assert all(isinstance(one, BalanceShort) for one in refused)
        with shared_database.transaction() as session:
            found = queries.get_account(session, account_id=card)
            assert found.balance == euros(0)
            assert queries.verify(session) == ()

    def test_with_one_request_key_spend_once(
        self, shared_database: Database, card: GiftAccountID
    ) -> None:
        def spend(session: Session, _client: int) -> GiftTransfer:
            asked = movement(Move.SPEND, 300, "one-basket")
            return move(session, account_id=card, movement=asked, now=NOW)

        results = at_once(shared_database, spend)

        assert len(set(map(repr, results))) == 1
        with shared_database.transaction() as session:
            found = queries.get_account(session, account_id=card)
            assert found.balance == euros(700)

    def test_keep_the_card_once_while_others_spend_from_it(
        self, shared_database: Database, card: GiftAccountID
    ) -> None:
        with shared_database.transaction() as session:
            member = enrol(session).profile.id

        def act(session: Session, client: int) -> GiftTransfer:
            if client % 2:
                return keep_on_account(
                    session,
                    card_id=card,
                    customer_id=member,
                    actor="customer:1",
                    now=NOW,
                )
            asked = movement(Move.SPEND, 100, f"basket-{client}")
            return move(session, account_id=card, movement=asked, now=NOW)

        results = at_once(shared_database, act)

        spent = sum(
            -one.amount.amount
            for one in results
            if isinstance(one, GiftTransfer) and one.move is Move.SPEND
        )
        with shared_database.transaction() as session:
            stored = queries.stored_value(session, customer_id=member, currency="EUR")
            assert stored is not None
            assert stored.balance == euros(1000 - spent)
            assert queries.verify(session) == ()


class TestTheBooks:
    @pytest.mark.parametrize(
        "attack",
        [
            "update gift_transfer set amount = amount + 1",
            "delete from gift_transfer",
            "truncate gift_transfer",
        ],
    )
    def test_are_only_ever_added_to(
        self, shared_database: Database, card: GiftAccountID, attack: str
    ) -> None:
        with (
            pytest.raises(IntegrityError, match="only ever added"),
            shared_database.transaction() as session,
        ):
            session.execute(text(attack))

        with shared_database.transaction() as session:
            assert queries.get_account(session, account_id=card).balance == euros(1000)

    @pytest.mark.parametrize(("attack", "found"), ATTACKS)
    def test_say_what_was_altered(
        self, shared_database: Database, card: GiftAccountID, attack: str, found: str
    ) -> None:
        with shared_database.transaction() as session:
            member = enrol(session).profile.id
            keep_on_account(
                session, card_id=card, customer_id=member, actor="customer:1", now=NOW
            )
            assert queries.verify(session) == ()

        with shared_database.transaction() as session:
            session.execute(text(UNGUARD))
            session.execute(text(attack))
            problems = queries.verify(session)

        assert any(found in problem for problem in problems), problems
