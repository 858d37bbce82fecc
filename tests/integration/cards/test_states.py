from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from loyalty.cards.models import CardEventRow, CardRow
from loyalty.cards.queries import (
    CardNotActive,
    CardNotFound,
    blank_numbers,
    find_card,
    get_active_card,
    list_card_events,
    list_cards,
    main_card,
)
from loyalty.cards.rules import check_digit
from loyalty.cards.service import (
    CardStateWrong,
    CardTaken,
    attach_card,
    block_card,
    close_card,
    issue_card,
    make_batch,
    make_main,
    replace_card,
    unblock_card,
)
from loyalty.cards.values import Card, CardAction, CardReason, CardState
from loyalty.core.audit import AuditEntry
from loyalty.core.database import Database
from loyalty.core.errors import Invalid
from loyalty.points.queries import balance
from loyalty.usecases.checkout import record_purchase
from tests.factories import NOW, basket, enrol, payment

ACTOR = "staff:1"
LATER = NOW + timedelta(days=3)


def issue(session: Session, card: Card) -> Card:
    return issue_card(
        session,
        customer_id=card.customer_id,
        prefix="240112",
        actor=ACTOR,
        now=LATER,
    )


def block(session: Session, card: Card, reason: CardReason = CardReason.LOST) -> Card:
    return block_card(
        session, number=card.number, reason=reason, actor=ACTOR, now=LATER
    )


class TestBlocking:
    @pytest.mark.parametrize(
        ("reason", "said"),
        [
            (
                CardReason.LOST,
                "was reported lost on 23 November 2026: ask for the phone number",
            ),
            (
                CardReason.STOLEN,
                "was reported stolen on 23 November 2026: keep it if you can",
            ),
        ],
    )
    def test_stops_the_card_and_says_what_to_do(
        self, database: Database, reason: CardReason, said: str
    ) -> None:
        with database.transaction() as session:
            card = enrol(session).card
            blocked = block(session, card, reason)

            with pytest.raises(CardNotActive, match=said):
                get_active_card(session, number=card.number)
        assert (blocked.state, blocked.reason) == (CardState.BLOCKED, reason)

    def test_keeps_the_card_out_of_purchases(self, database: Database) -> None:
        with database.transaction() as session:
            card = enrol(session).card
            block(session, card)

            with pytest.raises(CardNotActive):
                record_purchase(
                    session,
                    request=basket(card.number, COFFEE=1),
                    payment=payment(),
                    now=LATER,
                )
            assert balance(session, customer_id=card.customer_id) == 0

    def test_needs_a_reason_that_may_pass(self, database: Database) -> None:
        with database.transaction() as session:
            card = enrol(session).card

            with pytest.raises(Invalid, match="lost or stolen"):
                block(session, card, CardReason.DAMAGED)
            assert find_card(session, number=card.number) == card

    def test_is_refused_twice(self, database: Database) -> None:
        with database.transaction() as session:
            card = enrol(session).card
            first = block(session, card)

            with pytest.raises(CardStateWrong, match="was reported lost"):
                block(session, card, CardReason.STOLEN)
            assert find_card(session, number=card.number) == first

    def test_is_taken_back(self, database: Database) -> None:
        with database.transaction() as session:
            card = enrol(session).card
            block(session, card)
            unblock_card(session, number=card.number, actor=ACTOR, now=LATER)

            found = get_active_card(session, number=card.number)
            assert (found.state, found.reason) == (CardState.ACTIVE, None)
            with pytest.raises(CardStateWrong, match="is not blocked"):
                unblock_card(session, number=card.number, actor=ACTOR, now=LATER)

    def test_refuses_a_long_note_and_changes_nothing(self, database: Database) -> None:
        with database.transaction() as session:
            card = enrol(session).card

            with pytest.raises(Invalid) as refusal:
                close_card(
                    session,
                    number=card.number,
                    actor=ACTOR,
                    now=LATER,
                    text="x" * 201,
                )
            session.expire_all()
            assert refusal.value.problems[0].pointer == "/note"
            assert find_card(session, number=card.number) == card


class TestReplacing:
    def test_gives_the_customer_another_number_and_moves_nothing(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            old = enrol(session).card
            record_purchase(
                session,
                request=basket(old.number, COFFEE=2),
                payment=payment(),
                now=NOW,
            )
            block(session, old)
            new = replace_card(
                session,
                number=old.number,
                reason=CardReason.LOST,
                actor=ACTOR,
                now=LATER,
            )

            assert new.number != old.number
            assert new.customer_id == old.customer_id
            assert balance(session, customer_id=new.customer_id) == 9
            assert main_card(session, customer_id=old.customer_id) == new
            said = f"was replaced on .* ends in {new.number[-4:]}"
            with pytest.raises(CardNotActive, match=said):
                get_active_card(session, number=old.number)

    def test_gives_the_main_card_a_main_card(self, database: Database) -> None:
        with database.transaction() as session:
            old = enrol(session).card
            issue(session, old)
            make_main(session, number=old.number, actor=ACTOR, now=NOW)
            new = replace_card(
                session,
                number=old.number,
                reason=CardReason.DAMAGED,
                actor=ACTOR,
                now=LATER,
            )

            assert new.main
            assert main_card(session, customer_id=old.customer_id) == new

    @pytest.mark.parametrize("change", [unblock_card, close_card, replace_card])
    def test_is_for_good(
        self, database: Database, change: Callable[..., object]
    ) -> None:
        with database.transaction() as session:
            old = enrol(session).card
            replace_card(
                session,
                number=old.number,
                reason=CardReason.DAMAGED,
                actor=ACTOR,
                now=LATER,
            )
            more = {"reason": CardReason.LOST} if change is replace_card else {}
            before = list_cards(session, customer_id=old.customer_id)

            with pytest.raises(CardStateWrong, match="was replaced on"):
                change(session, number=old.number, actor=ACTOR, now=LATER, **more)
            assert list_cards(session, customer_id=old.customer_id) == before


class TestClosing:
    def test_ends_the_card(self, database: Database) -> None:
        with database.transaction() as session:
            card = enrol(session).card
            close_card(session, number=card.number, actor=ACTOR, now=LATER)

            with pytest.raises(CardNotActive, match="was closed on 23 November 2026"):
                get_active_card(session, number=card.number)
            assert main_card(session, customer_id=card.customer_id) is None


class TestSeveralCards:
    def test_all_work(self, database: Database) -> None:
        with database.transaction() as session:
            first = enrol(session).card
            second = issue(session, first)

            for card in (first, second):
                found = get_active_card(session, number=card.number)
                assert found.customer_id == first.customer_id

    def test_have_the_chosen_one_first(self, database: Database) -> None:
        with database.transaction() as session:
            first = enrol(session).card
            second = issue(session, first)
            third = issue(session, first)
            close_card(session, number=third.number, actor=ACTOR, now=LATER)

            def order() -> list[str]:
                found = list_cards(session, customer_id=first.customer_id)
                return [card.number for card in found]

            assert order() == [second.number, first.number, third.number]
            make_main(session, number=first.number, actor=ACTOR, now=LATER)
            assert order() == [first.number, second.number, third.number]
            block(session, first)
            assert order() == [second.number, first.number, third.number]


class TestHistory:
    def test_says_who_when_and_why(self, database: Database) -> None:
        with database.transaction() as session:
            card = enrol(session).card
            block_card(
                session,
                number=card.number,
                reason=CardReason.STOLEN,
                actor="staff:7",
                now=LATER,
                text="told by phone",
            )

            latest, first = list_card_events(session, customer_id=card.customer_id)
            assert first.action is CardAction.ISSUED
            assert (latest.action, latest.reason, latest.note) == (
                CardAction.BLOCKED,
                CardReason.STOLEN,
                "told by phone",
            )
            assert (latest.actor, latest.at, latest.card) == (
                "staff:7",
                LATER,
                card.number,
            )

    def test_stands_in_the_audit(self, database: Database) -> None:
        with database.transaction() as session:
            card = enrol(session).card
            block(session, card)

            entry = session.scalars(
                select(AuditEntry).where(AuditEntry.action == "card.blocked")
            ).one()
            assert entry.subject == f"card:{card.id}"
            assert entry.before == {"state": "active"}
            assert entry.after is not None
            assert entry.after["reason"] == "lost"

    @pytest.mark.parametrize("change", [update(CardEventRow), delete(CardEventRow)])
    def test_is_only_added_to(self, database: Database, change: object) -> None:
        if isinstance(change, type(update(CardEventRow))):
            change = change.values(note="x")
        with (
            database.transaction() as session,
            pytest.raises(DBAPIError, match="only ever added"),
            session.begin_nested(),
        ):
            session.execute(change)  # type: ignore[call-overload]  # either statement


class TestPrintedCards:
    def test_have_numbers_that_nobody_has(self, database: Database) -> None:
        with database.transaction() as session:
            batch = make_batch(
                session, label="May", count=40, prefix="240112", actor=ACTOR, now=NOW
            )
            numbers = blank_numbers(session, batch_id=batch.id)

            assert (batch.count, batch.attached) == (40, 0)
            assert len(set(numbers)) == 40
            for number in numbers:
                assert len(number) == 16
                assert number.startswith("240112")
                assert check_digit(number[:-1]) == number[-1]
            with pytest.raises(CardNotFound, match="belongs to nobody yet"):
                get_active_card(session, number=numbers[0])

    def test_are_given_once(self, database: Database) -> None:
        with database.transaction() as session:
            ada = enrol(session).card.customer_id
            eve = enrol(session, "eve@example.org").card.customer_id
            batch = make_batch(
                session, label="May", count=2, prefix="240112", actor=ACTOR, now=NOW
            )
            number, other = blank_numbers(session, batch_id=batch.id)
            card = attach_card(
                session, customer_id=ada, number=number, actor=ACTOR, now=NOW
            )

            assert get_active_card(session, number=number) == card
            assert card.customer_id == ada
            assert blank_numbers(session, batch_id=batch.id) == (other,)
            with pytest.raises(CardTaken, match="belongs to a member already"):
                attach_card(
                    session, customer_id=eve, number=number, actor=ACTOR, now=NOW
                )
            assert len(list_cards(session, customer_id=eve)) == 1

    def test_take_the_place_of_another(self, database: Database) -> None:
        with database.transaction() as session:
            old = enrol(session).card
            batch = make_batch(
                session, label="May", count=1, prefix="240112", actor=ACTOR, now=NOW
            )
            (number,) = blank_numbers(session, batch_id=batch.id)
            new = replace_card(
                session,
                number=old.number,
                reason=CardReason.DAMAGED,
                actor=ACTOR,
                now=NOW,
                by=number,
            )

            assert new.number == number
            assert main_card(session, customer_id=old.customer_id) == new

    @pytest.mark.parametrize(
        ("label", "count", "pointer"), [(" ", 3, "/label"), ("May", 0, "/count")]
    )
    def test_need_a_name_and_a_number(
        self, database: Database, label: str, count: int, pointer: str
    ) -> None:
        with database.transaction() as session:
            with pytest.raises(Invalid) as refusal:
                make_batch(
                    session,
                    label=label,
                    count=count,
                    prefix="240112",
                    actor=ACTOR,
                    now=NOW,
                )
            assert [one.pointer for one in refusal.value.problems] == [pointer]
            assert session.scalar(select(func.count()).select_from(CardRow)) == 0
