"""A process killed half-way leaves nothing, and its work can be done again."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from loyalty.core.database import Base, Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.points.models import TransferRow
from loyalty.promotions.models import HoldRow, QuoteRow, TotalRow, UseRow
from loyalty.purchases.models import PurchaseRow, PurchaseTenderRow, ReturnRow
from loyalty.purchases.values import PurchaseID
from loyalty.usecases.checkout import (
    Asking,
    ReturnRequest,
    ask_quote,
    record_purchase,
    return_goods,
)
from tests.factories import (
    NOW,
    activate,
    basket,
    enrol,
    payment,
    promotion,
    small_vault,
)

TABLES: tuple[type[Base], ...] = (
    PurchaseRow,
    PurchaseTenderRow,
    UseRow,
    TransferRow,
    QuoteRow,
    HoldRow,
    ReturnRow,
)

SCRIPT = """
import sys
from tests.integration.usecases.test_interrupted import WORK, reach
name, url, card, purchase = sys.argv[1:]
with reach(url).transaction() as session:
    WORK[name](session, card, int(purchase))
    print("done but for the commit", flush=True)
    sys.stdin.read()
"""


def reach(url: str) -> Database:
    return Database(open_engine(url), NoQueue(), small_vault())


def buy(session: Session, card: str, _purchase: int) -> None:
    paid = payment("2", "key-2")
    record_purchase(session, request=basket(card, COFFEE=1), payment=paid, now=NOW)


def reserve(session: Session, card: str, _purchase: int) -> None:
    asking = Asking(actor="key:1", reserve=True)
    ask_quote(session, request=basket(card, COFFEE=1), asking=asking, now=NOW)


def take_back(session: Session, _card: str, purchase: int) -> None:
    request = ReturnRequest(
        purchase_id=PurchaseID(purchase),
        lines=None,
        actor="key:1",
        request_key="back",
        request_hash=b"1",
    )
    return_goods(session, request=request, now=NOW)


WORK: dict[str, Callable[[Session, str, int], None]] = {
    "a purchase": buy,
    "a reservation": reserve,
    "a cancellation": take_back,
}


def state(database: Database) -> list[object]:
    with database.transaction() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table)) for table in TABLES
        ]
        totals = session.execute(select(TotalRow.uses, TotalRow.given)).all()
    return [*counts, *(tuple(total) for total in totals)]


class TestKilledHalfWay:
    @pytest.mark.parametrize("name", WORK)
    def test_leaves_nothing_of(self, shared_database: Database, name: str) -> None:
        with shared_database.transaction() as session:
            activate(session, promotion("coffee-20", limits={"total": 5}))
            card = enrol(session).card.number
            first = record_purchase(
                session, request=basket(card, COFFEE=2), payment=payment(), now=NOW
            )
        purchase = json.loads(first.reply)["purchase"]
        before = state(shared_database)
        url = shared_database.engine.url.render_as_string(hide_password=False)
        with subprocess.Popen(
            [sys.executable, "-c", SCRIPT, name, url, card, purchase],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            said = process.stdout.readline()
            process.kill()

        assert said == "done but for the commit\n"
        assert state(shared_database) == before
        with shared_database.transaction() as session:
            WORK[name](session, card, int(purchase))
        assert state(shared_database) != before
