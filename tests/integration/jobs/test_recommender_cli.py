"""`loyalty recommender` as people use it, and a training that is killed."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jobs.cli.recommending import recommender_group
from jobs.tasks.models import registry
from jobs.tasks.running import quiet
from jobs.tasks.training import train_model
from loyalty.core.clock import machine_now, use_source
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.core.vault import Vault
from loyalty.offers.queries import get_campaign
from loyalty.offers.service import create_campaign
from loyalty.offers.values import CampaignState, NewCampaign
from loyalty.recommendations.queries import list_runs
from loyalty.recommendations.service import runs
from loyalty.recommendations.values import RunKind, RunState
from tests.factories import NOW, make_shop
from tests.integration.delivery.shop import SECRET
from tests.integration.jobs.learners import learn_little, make_learners, make_offers

Ask = Callable[..., Result]
ROOT = Path(__file__).parents[3]
TRAIN_UNTIL_KILLED = """
import sys, time
from pathlib import Path
from jobs.tasks.training import train_model
from loyalty.core.clock import utc_now
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.core.vault import Vault

def tell(step, done, total):
    if step == "LightFM" and done:
        print("learning", flush=True)
        time.sleep(600)

database = Database(open_engine(sys.argv[1]), NoQueue(), Vault(sys.argv[2]))
train_model(database, Path(sys.argv[3]), now=utc_now(), progress=tell)
"""


@pytest.fixture
def database(
    fresh_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    learn_little(monkeypatch)
    engine = open_engine(fresh_postgres_url)
    opened = Database(engine, NoQueue(), Vault(SECRET))
    with opened.transaction() as session:
        make_shop(session)
    make_learners(opened)
    make_offers(opened)
    yield opened
    engine.dispose()


@pytest.fixture
def ask(
    database: Database,
    fresh_postgres_url: str,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Ask:
    """Run a command in this process, on the shop of the fixture."""
    assert database.engine is not None
    for name in [name for name in os.environ if name.startswith("LOYALTY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LOYALTY_DATABASE_URL", fresh_postgres_url)
    monkeypatch.setenv("LOYALTY_REDIS_URL", redis_url)
    monkeypatch.setenv("LOYALTY_SECRET_KEY", SECRET)
    monkeypatch.setenv("LOYALTY_DATA_DIR", str(tmp_path))

    def asked(*arguments: str) -> Result:
        return CliRunner().invoke(recommender_group, arguments, catch_exceptions=False)

    return asked


def answer(result: Result) -> dict[str, object]:
    assert result.exit_code == 0
    found: dict[str, object] = json.loads(result.stdout)
    return found


@pytest.fixture
def minutes() -> Iterator[None]:
    """Let a minute pass whenever somebody looks at the clock."""
    passed = itertools.count()
    use_source(lambda: NOW + timedelta(minutes=next(passed)))
    yield
    use_source(machine_now)


class TestCommands:
    @pytest.mark.usefixtures("minutes")
    def test_train_list_and_go_back(self, ask: Ask, tmp_path: Path) -> None:
        assert "no model yet" in ask("models").stdout

        first = answer(ask("train", "--json"))["version"]
        second = answer(ask("train", "--json"))["version"]
        listed = answer(ask("models", "--json"))["models"]
        assert isinstance(listed, list)
        assert [(one["version"], one["state"]) for one in listed] == [
            (second, "current"),
            (first, "earlier"),
        ]
        assert f"{second}  current" in ask("models").stdout

        assert answer(ask("rollback", "--json")) == {"current": first}
        assert registry(tmp_path).current() == first
        assert answer(ask("promote", str(second), "--json")) == {"current": second}
        assert registry(tmp_path).current() == second

    def test_recommend_to_a_customer(self, ask: Ask) -> None:
        ask("train")
        offers = answer(ask("recommend", "person0@example.org", "--json"))["offers"]
        assert isinstance(offers, list)
        assert {"promotion", "probability", "value", "aim", "parts", "reason"} <= set(
            offers[0]
        )
        assert "coffee" in ask("recommend", "person0@example.org").stdout

    def test_allocate_says_what_it_would_do_and_does_it(
        self, ask: Ask, database: Database
    ) -> None:
        ask("train")
        with database.transaction() as session:
            create_campaign(
                session,
                campaign=NewCampaign(
                    code="autumn",
                    name="Autumn",
                    starts_at=NOW,
                    ends_at=machine_now() + timedelta(days=14),
                    promotions=("coffee", "tea"),
                    holdout_percent=0,
                ),
                actor="staff:1",
                now=NOW,
            )

        said = ask("allocate", "autumn").stdout
        assert "would be made to 12 of 12 customers" in said
        assert "Nothing was made" in said
        assert state(database) is CampaignState.DRAFT

        done = answer(ask("allocate", "autumn", "--plan", "--json"))
        assert (done["made"], done["served"]) == (True, 12)
        assert state(database) is CampaignState.RUNNING


def state(database: Database) -> CampaignState:
    with database.transaction() as session:
        return get_campaign(session, code="autumn").state


class TestATrainingThatIsKilled:
    def test_leaves_nothing_and_can_be_begun_again(
        self, database: Database, fresh_postgres_url: str, tmp_path: Path
    ) -> None:
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", TRAIN_UNTIL_KILLED),
                *(fresh_postgres_url, SECRET, str(tmp_path)),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        with process.stdout:
            assert process.stdout.readline() == b"learning\n"
            process.kill()
        process.wait(timeout=10)
        assert registry(tmp_path).versions() == ()

        later = machine_now() + runs.LOST_AFTER + timedelta(minutes=1)
        with database.transaction() as session:
            (running,) = list_runs(session)
            assert (running.state, running.step) == (RunState.RUNNING, "LightFM")
            runs.sweep(session, now=NOW, machine_now=later)
        train_model(database, tmp_path, now=NOW, progress=quiet)

        with database.transaction() as session:
            again, lost = list_runs(session, kinds=[RunKind.TRAIN])
        assert lost.error is not None
        assert lost.error.startswith("The process that did this was ended")
        assert again.state is RunState.DONE
        assert registry(tmp_path).current() == again.model_version
