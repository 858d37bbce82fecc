"""Planning many messages once more: who goes again, who does not, and progress."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from loyalty.core.audit import AuditEntry
from loyalty.core.database import Database
from loyalty.core.errors import Invalid
from loyalty.customers.values import Channel
from loyalty.delivery import service as delivery
from loyalty.delivery.models import MessageRow, ReplayRow
from loyalty.delivery.queries.messages import story
from loyalty.delivery.queries.replays import (
    ReplayNotFound,
    Wanted,
    count_replayable,
    get_replay,
    list_replays,
)
from loyalty.delivery.service import replaying_many
from loyalty.delivery.values import MessageID, MessageState, Reason
from tests.integration.delivery.shop import NOON, POLICY, add_members, marketing

HOUR = timedelta(hours=1)
FAILED = Wanted(
    state=MessageState.FAILED,
    reason=Reason.GAVE_UP,
    since=NOON - HOUR,
    until=NOON + HOUR,
)


def end(
    session: Session,
    count: int,
    *,
    state: MessageState = MessageState.FAILED,
    reason: Reason | None = Reason.GAVE_UP,
    at: datetime = NOON,
    first: int = 1,
) -> list[MessageID]:
    """Let so many messages end like this."""
    ids = add_members(session, count, first=first)
    planned = delivery.plan_messages(
        session, messages=[marketing(one) for one in ids], policy=POLICY, now=NOON
    )
    found = [one.id for one in planned]
    session.execute(
        update(MessageRow)
        .where(MessageRow.id.in_(found))
        .values(state=state, reason=reason, finished_at=at)
    )
    return found


def states(session: Session) -> dict[int, MessageState]:
    return dict(session.execute(select(MessageRow.id, MessageRow.state)).all())


def killed_in_a_batch(database: Database) -> None:
    with database.transaction() as session:
        delivery.replay_batch(session, now=NOON)
        raise KeyboardInterrupt


class TestAskReplay:
    def test_says_how_many_there_were_and_notes_who_asked(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            end(session, 3)
            end(session, 2, reason=Reason.PERMANENT, first=10)
            end(session, 1, at=NOON + 2 * HOUR, first=20)

            number = delivery.ask_replay(
                session, wanted=FAILED, actor="staff:7", now=NOON + HOUR
            )

            found = get_replay(session, replay_id=number)
            noted = session.scalars(select(AuditEntry)).all()
        assert (found.total, found.done, found.finished_at) == (3, 0, None)
        assert found.asked_by == "staff:7"
        assert found.wanted == FAILED
        assert [one.action for one in noted] == ["delivery.replay_many"]
        assert noted[0].after == {"state": "failed", "reason": "gave_up", "total": 3}

    @pytest.mark.parametrize(
        "state", [MessageState.SENT, MessageState.PLANNED, MessageState.CANCELLED]
    )
    def test_refuses_what_never_goes_again(
        self, database: Database, state: MessageState
    ) -> None:
        with database.transaction() as session:
            end(session, 1, state=state, reason=None)
            wanted = Wanted(state=state, since=NOON - HOUR, until=NOON + HOUR)

            with pytest.raises(Invalid) as refusal:
                delivery.ask_replay(session, wanted=wanted, actor="a", now=NOON)

            assert refusal.value.problems[0].code == "not_replayable"
            assert list_replays(session) == []

    def test_refuses_when_there_is_nothing(self, database: Database) -> None:
        with database.transaction() as session:
            with pytest.raises(Invalid) as refusal:
                delivery.ask_replay(session, wanted=FAILED, actor="a", now=NOON)

            assert refusal.value.problems[0].code == "nothing_there"
            assert list_replays(session) == []


class TestReplayBatch:
    def test_plans_all_in_batches_and_says_how_far_it_is(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(replaying_many, "_BATCH", 2)
        with database.transaction() as session:
            again = end(session, 5)
            others = end(session, 2, reason=Reason.PERMANENT, first=10)
            number = delivery.ask_replay(session, wanted=FAILED, actor="a", now=NOON)

            seen = []
            while delivery.replay_batch(session, now=NOON + HOUR):
                seen.append(get_replay(session, replay_id=number).done)

            found = states(session)
            ended = get_replay(session, replay_id=number)
            last = story(session, message_id=again[0]).events[-1]
        assert seen == [2, 4, 5]
        assert {found[one] for one in again} == {MessageState.PLANNED}
        assert {found[one] for one in others} == {MessageState.FAILED}
        assert (ended.planned, ended.refused) == (5, 0)
        assert ended.finished_at == NOON + HOUR
        assert last.reason is Reason.REPLAYED

    def test_counts_what_lost_its_point_and_leaves_it(self, database: Database) -> None:
        with database.transaction() as session:
            (gone,) = end(session, 1)
            number = delivery.ask_replay(session, wanted=FAILED, actor="a", now=NOON)

            while delivery.replay_batch(session, now=NOON + timedelta(days=8)):
                pass

            found = get_replay(session, replay_id=number)
            assert states(session)[gone] is MessageState.FAILED
        assert (found.planned, found.refused) == (0, 1)

    def test_goes_on_where_a_killed_worker_was(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(replaying_many, "_BATCH", 2)
        with database.transaction() as session:
            end(session, 3)
            delivery.ask_replay(session, wanted=FAILED, actor="a", now=NOON)
        with database.transaction() as session:
            delivery.replay_batch(session, now=NOON)
        with pytest.raises(KeyboardInterrupt):
            killed_in_a_batch(database)

        with database.transaction() as session:
            while delivery.replay_batch(session, now=NOON):
                pass
            (found,) = list_replays(session)

        assert (found.planned, found.refused, found.total) == (3, 0, 3)

    def test_leaves_a_batch_to_whoever_is_at_it(
        self, shared_database: Database
    ) -> None:
        with shared_database.transaction() as session:
            end(session, 1)
            delivery.ask_replay(session, wanted=FAILED, actor="a", now=NOON)

        with shared_database.transaction() as first:
            first.scalars(select(ReplayRow).with_for_update()).one()
            with shared_database.transaction() as second:
                more = delivery.replay_batch(second, now=NOON)

        assert more is False

    def test_ends_when_somebody_stops_it(self, database: Database) -> None:
        with database.transaction() as session:
            (kept,) = end(session, 1)
            number = delivery.ask_replay(session, wanted=FAILED, actor="a", now=NOON)

            delivery.stop_replay(session, replay_id=number, actor="b", now=NOON)

            assert delivery.replay_batch(session, now=NOON) is False
            assert states(session)[kept] is MessageState.FAILED
            assert get_replay(session, replay_id=number).finished_at == NOON


class TestCountReplayable:
    def test_counts_by_state_reason_channel_and_time(self, database: Database) -> None:
        with database.transaction() as session:
            end(session, 4)
            for change, expected in (
                ({}, 4),
                ({"reason": None}, 4),
                ({"reason": Reason.PERMANENT}, 0),
                ({"channel": Channel.EMAIL}, 4),
                ({"channel": Channel.INBOX}, 0),
                ({"since": NOON + timedelta(minutes=1)}, 0),
                ({"until": NOON}, 0),
            ):
                values = {
                    "state": FAILED.state,
                    "reason": FAILED.reason,
                    "since": FAILED.since,
                    "until": FAILED.until,
                }
                wanted = Wanted(**{**values, **change})  # type: ignore[arg-type]  # by name
                assert count_replayable(session, wanted=wanted) == expected


class TestGetReplay:
    def test_refuses_what_there_is_not(self, database: Database) -> None:
        with database.transaction() as session, pytest.raises(ReplayNotFound):
            get_replay(session, replay_id=99)
