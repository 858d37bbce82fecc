"""Training as a run: a report, a model, and the way back."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from jobs.context import WorkerContext, worker
from jobs.tasks import training
from jobs.tasks.models import promote, registry, roll_back
from jobs.tasks.running import quiet
from jobs.tasks.training import Learned, train_model
from loyalty.core.database import Database
from loyalty.recommendations.queries import current_model, list_models, list_runs
from loyalty.recommendations.service import runs
from loyalty.recommendations.values import ModelState, NewRun, RunKind, RunState
from recommender.evaluation import Report, Verdict
from recommender.evaluation.report import Judgement, Reason
from recommender.registry import DamagedModel, NothingToRollBackTo
from recommender.training import NothingToLearn
from tests.factories import NOW, small_vault
from tests.integration.jobs.learners import learn_little, make_learners

OFF_POLICY = {"lists": 0, "needed": 500}


@pytest.fixture(autouse=True)
def small_models(monkeypatch: pytest.MonkeyPatch) -> None:
    learn_little(monkeypatch)


def learn(database: Database, folder: Path, *, days: int = 0) -> Learned:
    return train_model(database, folder, now=NOW + timedelta(days=days), progress=quiet)


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the gate find the next model worse than the running one."""
    before = training.judge

    def refuse(*arguments: object) -> Report | None:
        report = before(*arguments)  # type: ignore[arg-type]  # as it is called
        assert report is not None
        reason = Reason(kind=Judgement.WORSE_THAN_RUNNING)
        return replace(report, gate=Verdict(promoted=False, reasons=(reason,)))

    monkeypatch.setattr(training, "judge", refuse)


class TestTraining:
    def test_leaves_a_run_a_report_and_a_current_model(
        self, database: Database, tmp_path: Path
    ) -> None:
        make_learners(database)

        learned = learn(database, tmp_path)

        with database.transaction() as session:
            run, scoring = reversed(list_runs(session))
            current = current_model(session)
        assert learned.promoted
        assert (scoring.kind, scoring.state) == (RunKind.SCORE, RunState.QUEUED)
        assert (run.kind, run.state) == (RunKind.TRAIN, RunState.DONE)
        assert run.model_version == learned.version
        assert run.report is not None
        assert run.report["data"]["customers"] == 12
        assert current is not None
        assert current.version == learned.version == registry(tmp_path).current()
        assert current.facts["data"]["customers"] == 12
        assert {**(current.report or {}), "off_policy": OFF_POLICY} == run.report

    def test_that_was_asked_for_is_done_once_however_often_the_bell_rings(
        self, database: Database, tmp_path: Path
    ) -> None:
        make_learners(database)
        with database.transaction() as session:
            runs.ask(session, run=NewRun(kind=RunKind.TRAIN, actor="staff:1"), now=NOW)
        context = WorkerContext(
            name="test",
            database=database,
            vault=small_vault(),
            channels={},
            public_url="http://localhost",
            data_dir=tmp_path,
        )

        token = worker.set(context)
        try:
            training.train(asked=True)
            training.train(asked=True)
        finally:
            worker.reset(token)

        with database.transaction() as session:
            (run,) = list_runs(session, kinds=[RunKind.TRAIN])
        assert (run.state, run.asked_by) == (RunState.DONE, "staff:1")
        assert len(registry(tmp_path).versions()) == 1

    @pytest.mark.usefixtures("refusing")
    def test_keeps_a_worse_model_without_making_it_current(
        self, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_learners(database)
        with monkeypatch.context() as patched:
            patched.setattr(training, "may_be_promoted", lambda _report: True)
            first = learn(database, tmp_path)

        second = learn(database, tmp_path, days=1)

        assert not second.promoted
        assert registry(tmp_path).current() == first.version
        with database.transaction() as session:
            states = {model.version: model.state for model in list_models(session)}
            refused = list_models(session)[0]
        assert states == {
            first.version: ModelState.CURRENT,
            second.version: ModelState.REFUSED,
        }
        assert refused.verdict is not None
        assert refused.verdict["reasons"][0]["kind"] == "worse_than_running"

    def test_says_that_there_is_nothing_to_learn_from(
        self, database: Database, tmp_path: Path
    ) -> None:
        with pytest.raises(NothingToLearn):
            learn(database, tmp_path)
        with database.transaction() as session:
            (run,) = list_runs(session)
        assert run.state is RunState.FAILED
        assert registry(tmp_path).versions() == ()

    def test_killed_while_it_stores_leaves_the_current_model(
        self, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_learners(database)
        first = learn(database, tmp_path)

        def killed(*_arguments: object, **_named: object) -> None:
            raise SystemExit

        monkeypatch.setattr("recommender.registry.versions._write", killed)
        with pytest.raises(SystemExit):
            learn(database, tmp_path, days=1)

        assert registry(tmp_path).current() == first.version
        assert registry(tmp_path).load().version == first.version


class TestGoingBack:
    def test_makes_the_model_before_current_and_says_who_did(
        self, database: Database, tmp_path: Path
    ) -> None:
        make_learners(database)
        first, second = (learn(database, tmp_path, days=day) for day in (0, 1))

        back = roll_back(database, data_dir=tmp_path, actor="staff:1", now=NOW)

        assert back == first.version
        with database.transaction() as session:
            states = {model.version: model.state for model in list_models(session)}
            run = list_runs(session, kinds=[RunKind.ROLL_BACK])[0]
        assert states == {
            first.version: ModelState.CURRENT,
            second.version: ModelState.STORED,
        }
        assert run.asked_by == "staff:1"
        assert run.report == {"before": second.version, "after": first.version}

    def test_is_refused_where_there_is_no_way_back(
        self, database: Database, tmp_path: Path
    ) -> None:
        make_learners(database)
        only = learn(database, tmp_path)
        with pytest.raises(NothingToRollBackTo):
            roll_back(database, data_dir=tmp_path, actor="staff:1", now=NOW)
        assert registry(tmp_path).current() == only.version

    def test_a_damaged_model_is_not_promoted(
        self, database: Database, tmp_path: Path
    ) -> None:
        make_learners(database)
        first, second = (learn(database, tmp_path, days=day) for day in (0, 1))
        (tmp_path / "models" / first.version / "arrays.npz").write_bytes(b"")
        with pytest.raises(DamagedModel):
            promote(
                database,
                version=first.version,
                data_dir=tmp_path,
                actor="staff:1",
                now=NOW,
            )
        assert registry(tmp_path).current() == second.version
        with database.transaction() as session:
            run = list_runs(session, kinds=[RunKind.PROMOTE])[0]
        assert run.state is RunState.FAILED
        assert run.error is not None
        assert "is not what was stored" in run.error
