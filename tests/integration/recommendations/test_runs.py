"""Runs of the recommender as rows: asked for, begun, lost and kept."""

from datetime import timedelta

import pytest

from loyalty.core.database import Database
from loyalty.recommendations.queries import get_run, latest_run, list_runs, queued_runs
from loyalty.recommendations.service import runs
from loyalty.recommendations.values import Held, NewRun, RunKind, RunState
from tests.factories import NOW

TRAINING = NewRun(kind=RunKind.TRAIN)


def begun(database: Database, run: NewRun = TRAINING, *, after: int = 0) -> Held | None:
    moment = NOW + timedelta(minutes=after)
    with database.transaction() as session:
        return runs.begin(session, run=run, now=moment, machine_now=moment)


def held(database: Database, run: NewRun = TRAINING) -> Held:
    found = begun(database, run)
    assert found is not None
    return found


class TestAsking:
    def test_keeps_the_question_until_a_process_takes_it(
        self, database: Database
    ) -> None:
        asked = NewRun(kind=RunKind.TRAIN, actor="staff:1")
        with database.transaction() as session:
            run_id = runs.ask(session, run=asked, now=NOW)
            (waiting,) = queued_runs(session)
        assert (waiting.id, waiting.state) == (run_id, RunState.QUEUED)
        assert runs.bell(waiting) == ("train", {"asked": True})

        found = held(database)

        assert found.run.id == run_id
        assert (found.run.state, found.run.asked_by) == (RunState.RUNNING, "staff:1")

    def test_is_refused_while_the_same_is_being_done(self, database: Database) -> None:
        held(database)
        with database.transaction() as session:
            with pytest.raises(runs.RunGoing, match="being done already"):
                runs.ask(session, run=TRAINING, now=NOW)
            assert len(list_runs(session)) == 1

    def test_names_the_subject_to_the_job(self, database: Database) -> None:
        with database.transaction() as session:
            one = NewRun(kind=RunKind.PROMOTE, subject="20261120T000000Z-0123456789ab")
            runs.ask(session, run=one, now=NOW)
            (waiting,) = queued_runs(session)
        assert runs.bell(waiting) == ("promote_model", {"version": one.subject})


class TestBeginning:
    def test_is_for_one_process_at_a_time(self, database: Database) -> None:
        assert begun(database) is not None
        assert begun(database) is None

    def test_is_for_each_campaign_by_itself(self, database: Database) -> None:
        campaigns = [NewRun(kind=RunKind.ALLOCATE, subject=name) for name in "ab"]
        assert all(begun(database, one) for one in campaigns)
        assert not any(begun(database, one) for one in campaigns)

    def test_goes_on_after_a_process_that_was_lost(self, database: Database) -> None:
        lost = held(database)

        again = begun(database, after=6)

        assert again is not None
        with database.transaction() as session:
            failed = get_run(session, run_id=lost.run.id)
            assert not runs.beat(session, held=lost, machine_now=NOW)
            assert not runs.finish(
                session, held=lost, report={}, model_version=None, now=NOW
            )
        assert failed.state is RunState.FAILED
        assert failed.error is not None
        assert "was ended before it was done" in failed.error


class TestGoingOn:
    def test_shows_how_far_it_is_and_ends_with_a_report(
        self, database: Database
    ) -> None:
        found = held(database)
        with database.transaction() as session:
            assert runs.advance(
                session, held=found, step="LightFM", done=3, total=10, machine_now=NOW
            )
            half = get_run(session, run_id=found.run.id)
            assert runs.finish(
                session, held=found, report={"a": 1}, model_version="v", now=NOW
            )
            whole = latest_run(session, kind=RunKind.TRAIN, states=[RunState.DONE])
        assert (half.step, half.done, half.total) == ("LightFM", 3, 10)
        assert whole is not None
        assert (whole.step, whole.report, whole.model_version) == ("", {"a": 1}, "v")

    def test_is_not_lost_while_it_says_so(self, database: Database) -> None:
        found = held(database)
        later = NOW + timedelta(minutes=20)
        with database.transaction() as session:
            assert runs.beat(session, held=found, machine_now=later)
            swept = runs.sweep(session, now=later, machine_now=later)
        assert swept == {}

    def test_is_forgotten_90_days_after_its_end(self, database: Database) -> None:
        found = held(database)
        with database.transaction() as session:
            runs.fail(session, held=found, error="No disk.", now=NOW)
            runs.forget(session, now=NOW + timedelta(days=90))
            assert len(list_runs(session)) == 1
            runs.forget(session, now=NOW + timedelta(days=90, seconds=1))
            assert list_runs(session) == ()
