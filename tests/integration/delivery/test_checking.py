"""The books by what happened since the last look, beside those of everything."""

from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageKeyRow, MessageRow
from loyalty.delivery.queries.monitor import verify
from loyalty.delivery.rules.sending import after_temporary, after_unknown
from loyalty.delivery.values import Books, MessageState, Receipt
from tests.integration.delivery.shop import NOON, POLICY, add_members, marketing
from tests.integration.delivery.test_sending import LATER, plan_for, sending


def check(database: Database, *, at_most: int = 1000) -> Books:
    """Look until nothing is left that can be checked; what came last is not yet."""
    more = True
    while more:
        with database.transaction() as session:
            books, more = delivery.check_books(session, at_most=at_most)
    return books


def settle_some(session: Session) -> None:
    """Leave one message of each kind behind: sent, in doubt, to be tried again."""
    one, two, three, *_ = sending(session)
    delivery.mark_sent(session, handed=[(one, Receipt())], provider="smtp", now=LATER)
    results = [
        after_unknown(two, "gone", askable=False, now=LATER),
        after_temporary(three, "451", now=LATER),
    ]
    delivery.mark_not_sent(session, results=results, now=LATER)


class TestCheckBooks:
    def test_comes_to_what_counting_everything_comes_to(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            plan_for(session, 6)
        check(shared_database)
        with shared_database.transaction() as session:
            settle_some(session)
        check(shared_database, at_most=2)
        books = check(shared_database)

        with shared_database.transaction() as session:
            whole = verify(session)
        assert books == whole
        assert books.problems == ()
        assert books.by_state == {
            MessageState.PLANNED: 1,
            MessageState.SENDING: 3,
            MessageState.SENT: 1,
            MessageState.UNKNOWN: 1,
        }

    def test_counts_nothing_twice(self, shared_database: Database) -> None:
        with shared_database.transaction() as session:
            plan_for(session, 3)
        for _ in range(4):
            books = check(shared_database)

        assert (books.planned, books.by_state) == (3, {MessageState.PLANNED: 3})

    def test_waits_for_whoever_was_writing(self, shared_database: Database) -> None:
        with shared_database.transaction() as session:
            ids = add_members(session, 2)
        with shared_database.transaction() as slow:
            messages = [marketing(ids[0])]
            delivery.plan_messages(slow, messages=messages, policy=POLICY, now=NOON)
            with shared_database.transaction() as session:
                messages = [marketing(ids[1])]
                delivery.plan_messages(
                    session, messages=messages, policy=POLICY, now=NOON
                )
            check(shared_database)
            # The slow one has the lower number, and can't be seen yet.
            assert check(shared_database).planned == 0

        check(shared_database)
        assert check(shared_database).planned == 2

    def test_finds_what_is_wrong_until_it_is_right(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            plan_for(session, 3)
            state = MessageState.EXPIRED
            session.execute(
                update(MessageRow).where(MessageRow.id == 2).values(state=state)
            )
            session.execute(delete(MessageKeyRow).where(MessageKeyRow.message_id == 3))
        check(shared_database)

        for _ in range(2):
            assert check(shared_database).problems == (
                "1 messages are in another state than their last event",
                "1 messages have no key",
            )
        with shared_database.transaction() as session:
            session.execute(
                text("UPDATE message SET state = 'planned', finished_at = NULL")
            )
        assert check(shared_database).problems == ("1 messages have no key",)
