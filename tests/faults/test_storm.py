"""Nothing is lost and nothing is doubled while everything is killed again and again."""

import pytest

from loyalty.delivery.values import MessageState
from tests.faults.storm import Outcome, Storm, weather

pytestmark = pytest.mark.faults
A_GROUP = 20


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """Give what is left of one storm: 20,000 messages, thirty kills, a bad server."""
    found = weather(Storm())
    print(*found.report(), sep="\n")  # noqa: T201  # figures for whoever looks
    return found


class TestStorm:
    def test_was_one(self, outcome: Outcome) -> None:
        assert sum(outcome.killed.values()) == 30
        assert set(outcome.killed) == {"worker", "dispatcher", "valkey", "postgres"}
        assert outcome.ledger.broken_connections >= 15
        assert len(outcome.ledger.faults) >= 10

    def test_left_no_message_without_its_end_and_none_sent_that_must_not_be(
        self, outcome: Outcome
    ) -> None:
        planned = outcome.wanted.messages + outcome.wanted.above_caps

        assert outcome.ledger.problems() == []
        assert len(outcome.ledger.entries) == planned == 20_400

    def test_let_98_of_a_hundred_go_out_exactly_once(self, outcome: Outcome) -> None:
        assert outcome.share_once >= 0.98

    def test_left_at_most_a_group_in_doubt_for_each_kill_and_broken_connection(
        self, outcome: Outcome
    ) -> None:
        unknown = outcome.ledger.count(MessageState.UNKNOWN)

        assert unknown <= A_GROUP * outcome.doubtful

    def test_gave_nobody_more_than_the_cap(self, outcome: Outcome) -> None:
        capped = outcome.wanted.capped

        assert len(capped) == 200
        assert outcome.ledger.most_to_one(capped) == 1
        suppressed = outcome.ledger.count(MessageState.SUPPRESSED)
        assert 0 < suppressed <= outcome.wanted.above_caps
