"""From enrolment and "not for me" to what is recommended, with real training."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy.orm import Session

from jobs.tasks.choosing import Pick
from jobs.tasks.excluding import exclude
from jobs.tasks.planning import Shop, plan_offers
from jobs.tasks.recommending import customer_picks
from jobs.tasks.rescoring import recommend_again
from jobs.tasks.running import quiet
from jobs.tasks.scoring import recommend_to_all
from jobs.tasks.training import train_model
from loyalty import portal, web
from loyalty.catalogue.service import save_products
from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.customers.service.links import open_customer_session
from loyalty.customers.service.preferences import set_topics
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import list_offers
from loyalty.offers.service import create_campaign
from loyalty.offers.values import Aim, NewCampaign
from loyalty.promotions.queries import get_promotion
from loyalty.recommendations.queries import recommendations_of
from loyalty.recommendations.values import Recommendation
from loyalty.stores.values import Exclusions
from loyalty.usecases.checkout import record_purchase
from loyalty.usecases.enrol_customer import Enrolled
from loyalty.web import AppParts
from tests.factories import (
    NOW,
    activate,
    article,
    basket,
    enrol,
    payment,
    promotion,
    small_vault,
)
from tests.integration.jobs.learners import learn_little, make_learners, make_offers
from tests.integration.till.pages import send

COFFEE, TEA = 0, 1
"""Places of two people: one buys coffee and bread, one tea and pizza."""

Found = dict[str, Recommendation]


@pytest.fixture
def people(
    shared_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[Enrolled]:
    learn_little(monkeypatch)
    found = make_learners(shared_database)
    make_offers(shared_database)
    train_model(shared_database, tmp_path, now=NOW, progress=quiet)
    return found


def offer(session: Session, code: str, **on: list[str]) -> None:
    """Let a personal promotion run."""
    reward = {"percent_off": {"percent": "25", "on": on}}
    activate(session, promotion(code, trigger="personal", reward=reward))


def recommended(database: Database, customer_id: CustomerID) -> Found:
    """Return what is recommended by promotion, the best first."""
    with database.transaction() as session:
        found = recommendations_of(session, customer_id=customer_id)
    return {one.promotion: one for one in found}


def join(database: Database, name: str, *topics: str) -> Enrolled:
    with database.transaction() as session:
        new = enrol(session, f"{name}@example.org")
        set_topics(session, customer_id=new.profile.id, topics=topics)
    return new


class TestANewMember:
    def test_gets_other_offers_for_wishes_and_others_for_a_first_basket(
        self, shared_database: Database, people: list[Enrolled], tmp_path: Path
    ) -> None:
        assert people
        average = join(shared_database, "average")
        fond = join(shared_database, "fond", "frozen/pizza")
        recommend_again(shared_database, data_dir=tmp_path, now=NOW)

        usual = recommended(shared_database, average.profile.id)
        wished = recommended(shared_database, fond.profile.id)

        assert {one.reason["kind"] for one in usual.values()} <= {"popular", "chosen"}
        assert next(iter(wished)) == "pizza"
        assert wished["pizza"].reason == {
            "kind": "interest",
            "category": "frozen/pizza",
        }
        assert wished["pizza"].probability > usual["pizza"].probability

        with shared_database.transaction() as session:
            record_purchase(
                session,
                request=basket(fond.card.number, COFFEE=2, BREAD=1),
                payment=payment("first", "first"),
                now=NOW,
            )
        recommend_again(shared_database, data_dir=tmp_path, now=NOW + timedelta(days=1))

        after = recommended(shared_database, fond.profile.id)
        assert after["coffee"].probability != wished["coffee"].probability
        assert after["coffee"].parts["habit"] != wished["coffee"].parts["habit"]
        again = recommended(shared_database, average.profile.id)
        assert again == usual

    def test_gets_sensible_scores_for_what_nobody_has_seen(
        self, shared_database: Database, people: list[Enrolled], tmp_path: Path
    ) -> None:
        with shared_database.transaction() as session:
            save_products(
                session,
                products=[
                    article("BEANS", "drinks/coffee", 899),
                    article("COCOA", "drinks/cocoa", 450),
                ],
                now=NOW,
            )
            offer(session, "beans", skus=["BEANS"])
            offer(session, "cocoa", categories=["drinks/cocoa"])

        def ask(person: Enrolled) -> dict[str, Pick]:
            with shared_database.transaction() as session:
                new = [
                    get_promotion(session, code=code)
                    for code in ("beans", "cocoa", "pizza")
                ]
            picks = customer_picks(
                shared_database,
                customer_id=person.profile.id,
                promotions=new,
                data_dir=tmp_path,
                now=NOW,
            )
            return {pick.promotion: pick for pick in picks}

        drinker, other = ask(people[COFFEE]), ask(people[TEA])

        for found in (drinker, other):
            assert sorted(found) == ["beans", "cocoa", "pizza"]
            assert all(0 < pick.odds.probability < 1 for pick in found.values())
            for new in ("beans", "cocoa"):
                assert found[new].odds.aim is Aim.DISCOVERY
                assert found[new].reason["kind"] not in {"often_bought", "due_again"}
        assert other["pizza"].odds.probability > other["beans"].odds.probability
        assert other["pizza"].reason["kind"] == "often_bought"


class TestWhatIsExcluded:
    def test_is_gone_at_once_from_all_that_is_recommended(
        self, shared_database: Database, people: list[Enrolled], tmp_path: Path
    ) -> None:
        who = people[COFFEE].profile.id
        recommend_to_all(shared_database, data_dir=tmp_path, now=NOW)
        assert "coffee" in recommended(shared_database, who)

        with shared_database.transaction() as session:
            exclude(
                session,
                exclusions=Exclusions(words=("coffee",)),
                actor="staff:1",
                now=NOW,
            )

        at_once = recommended(shared_database, who)
        assert sorted(at_once) == ["pizza", "tea"]
        assert "coffee" not in words_of(at_once)
        recommend_to_all(shared_database, data_dir=tmp_path, now=NOW)
        for person in people:
            anew = recommended(shared_database, person.profile.id)
            assert sorted(anew) == ["pizza", "tea"]
            assert "coffee" not in words_of(anew)

    def test_is_in_no_part_of_a_new_model(
        self, shared_database: Database, people: list[Enrolled], tmp_path: Path
    ) -> None:
        assert people
        with shared_database.transaction() as session:
            exclude(
                session,
                exclusions=Exclusions(categories=("drinks/coffee",)),
                actor="staff:1",
                now=NOW,
            )
        (old,) = tmp_path.glob("models/*/manifest.json")

        train_model(
            shared_database, tmp_path, now=NOW + timedelta(hours=1), progress=quiet
        )

        (new,) = set(tmp_path.glob("models/*/manifest.json")) - {old}
        said = new.read_text().replace(' "drinks/coffee"', "", 1)
        assert "coffee" not in said
        files = [path.read_bytes() for path in new.parent.iterdir() if path != new]
        named = ("coffee", "COFFEE", "c\0\0\0o\0\0\0f\0\0\0f\0\0\0e\0\0\0e")
        for name in named:
            assert not any(name.encode() in content for content in files)


def words_of(found: Found) -> str:
    return str([one.reason for one in found.values()])


@pytest.fixture
def wallet(
    shared_database: Database, people: list[Enrolled], redis_url: str
) -> FlaskClient:
    """Give the browser in which the coffee drinker has opened the wallet."""
    with Redis.from_url(redis_url) as valkey:
        valkey.flushdb()
    app = Flask("loyalty", static_folder=None)
    parts = AppParts(
        database=shared_database,
        vault=small_vault(),
        redis_url=redis_url,
        public_url="http://localhost",
        secure_cookies=False,
    )
    web.install(app, parts)
    app.register_blueprint(portal.blueprint)
    client = app.test_client()
    with shared_database.transaction() as session:
        token = open_customer_session(
            session, customer_id=people[COFFEE].profile.id, now=machine_now()
        )
    client.set_cookie("wallet", token)
    return client


class TestNotForMe:
    def test_in_the_wallet_changes_what_is_recommended_until_taken_back(
        self,
        shared_database: Database,
        people: list[Enrolled],
        wallet: FlaskClient,
        tmp_path: Path,
    ) -> None:
        who = people[COFFEE].profile.id
        made = self.offer_coffee(shared_database, who, tmp_path)
        recommend_to_all(shared_database, data_dir=tmp_path, now=machine_now())
        before = recommended(shared_database, who)

        send(wallet, f"/wallet/offers/{made}/not-for-me", page="/wallet/preferences")
        self.heed(shared_database, tmp_path)

        after = recommended(shared_database, who)
        other = people[COFFEE + 2].profile.id
        assert "coffee" not in after
        assert "beans" not in before
        assert after["beans"].probability < 0.2 * before["coffee"].probability
        assert after["tea"].probability == same(before["tea"].probability)
        assert "coffee" in recommended(shared_database, other)

        send(wallet, f"/wallet/offers/{made}/back", page="/wallet/preferences")
        self.heed(shared_database, tmp_path)

        assert scores(recommended(shared_database, who)) == same(scores(before))

    def offer_coffee(self, database: Database, who: CustomerID, folder: Path) -> int:
        """Make everybody an offer; two are for coffee, one of them not made."""
        with database.transaction() as session:
            offer(session, "beans", skus=["COFFEE"])
            create_campaign(
                session,
                campaign=NewCampaign(
                    code="autumn",
                    name="Autumn",
                    starts_at=NOW,
                    ends_at=NOW + timedelta(days=365),
                    promotions=("coffee",),
                    holdout_percent=0,
                ),
                actor="staff:1",
                now=NOW,
            )
        shop = Shop(database=database, data_dir=folder, providers=())
        plan_offers(shop, campaign="autumn", now=NOW)
        with database.transaction() as session:
            (made,) = list_offers(session, customer_id=who)
        return made.id

    def heed(self, database: Database, folder: Path) -> None:
        recommend_again(database, data_dir=folder, now=machine_now())


def scores(found: Found) -> dict[str, float]:
    return {code: one.probability for code, one in found.items()}


def same(expected: object) -> object:
    """Leave to matrix products how they round in blocks of other sizes."""
    return pytest.approx(expected, rel=1e-4)
