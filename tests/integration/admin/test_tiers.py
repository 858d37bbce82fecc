"""The page of tiers."""

from flask.testing import FlaskClient

from loyalty.core.database import Database
from loyalty.staff.values import Role
from loyalty.tiers.queries import get_ladder
from loyalty.tiers.values import Basis, Span
from loyalty.usecases.checkout import record_purchase
from tests.factories import NOW, basket, enrol, payment
from tests.integration.admin.conftest import RecordingQueue, SignIn
from tests.integration.admin.pages import Values, send, words

FORM: Values = {
    "basis": "points",
    "span": "rolling",
    "days": "365",
    "grace_days": "90",
    "code": ["silver", "gold", ""],
    "name": ["Silver", "Gold", ""],
    "threshold": ["20", "۶۰", ""],
}


class TestThePageOfTiers:
    def test_says_that_there_are_none(self, marketer: FlaskClient) -> None:
        assert "There are no tiers yet." in words(marketer.get("/admin/tiers"))

    def test_saves_them_and_has_members_reviewed(
        self, marketer: FlaskClient, database: Database, queue: RecordingQueue
    ) -> None:
        answer = send(marketer, "/admin/tiers", FORM)

        assert answer.status_code == 303
        with database.transaction() as session:
            ladder = get_ladder(session)
        assert (ladder.basis, ladder.span, ladder.grace_days) == (
            Basis.POINTS,
            Span.ROLLING,
            90,
        )
        assert [(tier.code, tier.threshold) for tier in ladder.tiers] == [
            ("silver", 20),
            ("gold", 60),
        ]
        assert queue.pushed == [("review_tiers", {})]

    def test_counts_members_and_saves_nothing(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            card = enrol(session).card.number
            record_purchase(
                session, request=basket(card, COFFEE=5), payment=payment(), now=NOW
            )

        answer = send(marketer, "/admin/tiers", {**FORM, "do": "preview"})

        assert "How many members would be in each" in words(answer)
        assert "Silver 1 Gold 0" in words(answer)
        with database.transaction() as session:
            assert get_ladder(session).version == 0

    def test_names_the_line_at_fault_and_keeps_what_was_typed(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        wrong = {**FORM, "threshold": ["20", "20", ""]}

        answer = send(marketer, "/admin/tiers", wrong)

        assert answer.status_code == 422
        assert "Must be above the tier before." in words(answer)
        assert 'value="Gold"' in answer.text
        with database.transaction() as session:
            assert get_ladder(session).version == 0

    def test_is_not_for_managers(self, sign_in: SignIn) -> None:
        assert sign_in(Role.MANAGER).get("/admin/tiers").status_code == 403
