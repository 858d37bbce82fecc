"""What is recommended to each customer, anew for all and after each change."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from jobs.context import WorkerContext, worker
from jobs.dispatcher import Dispatcher
from jobs.queues import QueueName, RqQueue, open_queue
from jobs.tasks import scoring
from jobs.tasks.desks import ExclusionsChanged
from jobs.tasks.excluding import exclude
from jobs.tasks.planning import Shop, plan_offers
from jobs.tasks.rescoring import recommend_again
from jobs.tasks.running import quiet
from jobs.tasks.scoring import Told, recommend_to_all
from jobs.tasks.training import train_model
from loyalty.core.database import Database
from loyalty.customers.queries import has_changes
from loyalty.customers.service.preferences import set_topics
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import list_offers
from loyalty.offers.service import create_campaign, dismiss
from loyalty.offers.values import NewCampaign
from loyalty.recommendations.queries import (
    coverage,
    list_runs,
    recommendations_of,
)
from loyalty.recommendations.values import Recommendation, RunKind, RunState
from loyalty.stores.values import Exclusions
from loyalty.usecases.checkout import record_purchase
from loyalty.usecases.enrol_customer import Enrolled
from recommender.registry import DamagedModel, ModelNotFound
from tests.factories import NOW, basket, enrol, payment, small_vault
from tests.integration.jobs.learners import (
    learn_little,
    make_learners,
    make_offers,
    withdraw,
)

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def people(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[Enrolled]:
    learn_little(monkeypatch)
    found = make_learners(database)
    make_offers(database)
    train_model(database, tmp_path, now=NOW, progress=quiet)
    return found


def all_anew(database: Database, folder: Path) -> Told:
    return recommend_to_all(database, data_dir=folder, now=NOW)


def again(database: Database, folder: Path) -> Told:
    return recommend_again(database, data_dir=folder, now=LATER)


def recommended(
    database: Database, customer_id: CustomerID
) -> tuple[Recommendation, ...]:
    with database.transaction() as session:
        return recommendations_of(session, customer_id=customer_id)


def best(database: Database, customer_id: CustomerID) -> str:
    return recommended(database, customer_id)[0].promotion


class TestAllAnew:
    def test_recommends_to_everybody_who_agreed(
        self, database: Database, people: list[Enrolled], tmp_path: Path
    ) -> None:
        told = all_anew(database, tmp_path)

        assert (told.customers, told.served) == (12, 12)
        assert best(database, people[0].profile.id) == "coffee"
        assert best(database, people[1].profile.id) in {"tea", "pizza"}
        with database.transaction() as session:
            (run,) = list_runs(session, kinds=[RunKind.SCORE])
            assert coverage(session).served == 12
            assert not has_changes(session)
        assert run.state is RunState.DONE
        assert run.report == {"customers": 12, "served": 12}
        assert run.model_version == told.model_version

    def test_leaves_what_stood_where_the_model_is_damaged(
        self, database: Database, people: list[Enrolled], tmp_path: Path
    ) -> None:
        all_anew(database, tmp_path)
        before = recommended(database, people[0].profile.id)
        (arrays,) = tmp_path.glob("models/*/arrays.npz")
        arrays.write_bytes(b"")

        with pytest.raises(DamagedModel):
            all_anew(database, tmp_path)

        assert recommended(database, people[0].profile.id) == before
        with database.transaction() as session:
            run = list_runs(session, kinds=[RunKind.SCORE])[0]
        assert run.state is RunState.FAILED
        assert run.error is not None
        assert "is not what was stored" in run.error

    def test_writes_nothing_that_was_excluded_meanwhile(
        self, database: Database, people: list[Enrolled], tmp_path: Path
    ) -> None:
        def exclude_coffee(step: str, done: int, _total: int) -> None:
            if (step, done) == ("scoring customers", 0):
                with database.transaction() as session:
                    exclude(
                        session,
                        exclusions=Exclusions(categories=("drinks/coffee",)),
                        actor="staff:1",
                        now=NOW,
                    )

        with pytest.raises(ExclusionsChanged):
            recommend_to_all(
                database, data_dir=tmp_path, now=NOW, progress=exclude_coffee
            )

        assert recommended(database, people[0].profile.id) == ()
        assert all_anew(database, tmp_path).served == 12
        assert best(database, people[0].profile.id) != "coffee"

    def test_removes_what_stood_for_who_withdrew(
        self, database: Database, people: list[Enrolled], tmp_path: Path
    ) -> None:
        all_anew(database, tmp_path)
        withdraw(database, people[0].profile.id)

        assert recommended(database, people[0].profile.id) == ()
        told = all_anew(database, tmp_path)

        assert told.customers == 11

    def test_is_due_a_week_after_the_last_time(
        self,
        database: Database,
        people: list[Enrolled],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        assert people
        all_anew(database, tmp_path)
        context = WorkerContext(
            name="test",
            database=database,
            vault=small_vault(),
            channels={},
            public_url="https://shop.example",
            data_dir=tmp_path,
        )
        token = worker.set(context)
        for days in (6, 7):
            moment = NOW + timedelta(days=days)
            monkeypatch.setattr(scoring, "utc_now", lambda at=moment: at)
            scoring.score_all(only_due=True)
        worker.reset(token)

        with database.transaction() as session:
            done = list_runs(session, kinds=[RunKind.SCORE])
        assert [run.asked_at for run in done] == [NOW + timedelta(days=7), NOW]


class TestAfterChanges:
    def test_does_nothing_where_nothing_changed(
        self, database: Database, people: list[Enrolled], tmp_path: Path
    ) -> None:
        assert people
        all_anew(database, tmp_path)
        assert again(database, tmp_path) == Told(
            customers=0, served=0, model_version=None
        )

    def test_a_declared_interest_changes_a_newcomers_offers_and_a_basket_again(
        self, database: Database, people: list[Enrolled], tmp_path: Path
    ) -> None:
        assert people
        all_anew(database, tmp_path)
        with database.transaction() as session:
            new = enrol(session, "new@example.org")
            set_topics(session, customer_id=new.profile.id, topics=["frozen/pizza"])

        told = again(database, tmp_path)

        assert (told.customers, told.served) == (1, 1)
        assert best(database, new.profile.id) == "pizza"
        reason = recommended(database, new.profile.id)[0].reason
        assert reason == {"kind": "interest", "category": "frozen/pizza"}
        before = recommended(database, new.profile.id)
        with database.transaction() as session:
            record_purchase(
                session,
                request=basket(new.card.number, TEA=3, BREAD=1),
                payment=payment("new", "new"),
                now=NOW,
            )

        again(database, tmp_path)

        after = recommended(database, new.profile.id)
        assert [one.score for one in after] != [one.score for one in before]

    def test_what_is_not_for_a_customer_goes_and_comes_back(
        self, database: Database, people: list[Enrolled], tmp_path: Path
    ) -> None:
        who = people[0].profile.id
        all_anew(database, tmp_path)
        with database.transaction() as session:
            create_campaign(
                session,
                campaign=NewCampaign(
                    code="autumn",
                    name="Autumn",
                    starts_at=NOW,
                    ends_at=NOW + timedelta(days=14),
                    promotions=("coffee",),
                    holdout_percent=0,
                ),
                actor="staff:1",
                now=NOW,
            )
        shop = Shop(database=database, data_dir=tmp_path, providers=())
        plan_offers(shop, campaign="autumn", now=NOW)
        with database.transaction() as session:
            (offer,) = list_offers(session, customer_id=who)
            dismiss(session, offer_id=offer.id, customer_id=who, now=NOW)

        again(database, tmp_path)

        assert "coffee" not in {one.promotion for one in recommended(database, who)}

    def test_withdrawing_removes_the_rows(
        self, database: Database, people: list[Enrolled], tmp_path: Path
    ) -> None:
        all_anew(database, tmp_path)
        withdraw(database, people[0].profile.id)

        told = again(database, tmp_path)

        assert (told.customers, told.served) == (1, 0)
        with database.transaction() as session:
            assert sum(coverage(session).by_promotion.values()) == 11 * 3

    def test_stay_until_there_is_a_model(
        self, database: Database, tmp_path: Path
    ) -> None:
        with database.transaction() as session:
            enrol(session)
        with pytest.raises(ModelNotFound):
            again(database, tmp_path)
        with database.transaction() as session:
            assert has_changes(session)


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client
        client.flushdb()


class TestTheDispatcher:
    def test_rings_once_when_something_changed_and_there_is_a_model(
        self,
        shared_database: Database,
        redis: Redis,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        learn_little(monkeypatch)
        make_learners(shared_database)
        tick(shared_database, redis)
        queue = open_queue(QueueName.SCORING, redis)
        assert queue.count == 0

        train_model(shared_database, tmp_path, now=NOW, progress=quiet)
        tick(shared_database, redis)
        tick(shared_database, redis)

        assert [job.description for job in queue.jobs] == ["score_at_once"]


def tick(database: Database, redis: Redis) -> None:
    dispatcher = Dispatcher(database, RqQueue(redis), name="test", schedules=())
    dispatcher.tick()
    dispatcher.close()
