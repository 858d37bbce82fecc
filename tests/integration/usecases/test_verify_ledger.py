"""The check of both ledgers."""

from sqlalchemy import text

from loyalty.core.database import Database
from loyalty.core.money import Money
from loyalty.giftcards.service import issue_card
from loyalty.usecases.verify_ledger import verify_ledger
from tests.factories import NOW


class TestTheBooks:
    def test_say_what_is_wrong_with_a_gift_card(self, database: Database) -> None:
        with database.transaction() as session:
            ten = Money(amount=1000, currency="EUR")
            made = issue_card(session, face=ten, actor="staff:1", now=NOW)
            right = verify_ledger(session)
            session.execute(text("update gift_account set balance = 5"))
            (found,) = verify_ledger(session).wrong

        assert right.wrong == ()
        assert found.invariant == 11
        (told,) = found.where
        assert told.startswith(f"gift account {made.account.id} says balance 5 and")
