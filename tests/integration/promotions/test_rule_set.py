"""The active promotions as each process knows them."""

import pytest
from sqlalchemy.orm import Session

from loyalty.core.database import Database
from loyalty.promotions.queries import active_promotions, active_rules
from loyalty.promotions.service import create, move
from loyalty.promotions.values.states import PromotionState
from tests.factories import NOW


def codes(session: Session) -> list[str]:
    return [stored.promotion.code for stored in active_promotions(session)]


def activate(session: Session, code: str) -> None:
    document = {
        "code": code,
        "name": {"en": code},
        "reward": {"percent_off": {"percent": "10", "on": {"all": True}}},
    }
    create(session, document=document, actor="test", now=NOW)
    move(session, code=code, to=PromotionState.ACTIVE, actor="test", now=NOW)


class TestRuleSet:
    def test_is_made_once_while_nothing_changes(self, database: Database) -> None:
        with database.transaction() as session:
            activate(session, "spring")
        with database.transaction() as session:
            first = active_rules(session)
        with database.transaction() as session:
            assert active_rules(session) is first
        assert first.compiled.promotions[0] is first.stored[0].promotion

    def test_follows_changes_at_one_and_the_same_moment(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            activate(session, "spring")
            assert codes(session) == ["spring"]
            activate(session, "summer")
            assert codes(session) == ["spring", "summer"]
            move(
                session,
                code="spring",
                to=PromotionState.PAUSED,
                actor="test",
                now=NOW,
            )
            assert codes(session) == ["summer"]

    def test_forgets_what_was_rolled_back(self, database: Database) -> None:
        def fail() -> None:
            with database.transaction() as session:
                activate(session, "spring")
                assert codes(session) == ["spring"]
                raise InterruptedError

        with pytest.raises(InterruptedError):
            fail()
        with database.transaction() as session:
            assert codes(session) == []
            activate(session, "summer")
            assert codes(session) == ["summer"]
