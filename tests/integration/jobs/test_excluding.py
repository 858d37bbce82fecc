"""What the shop never recommends, from the command line to the offers made."""

from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from jobs.cli import commands
from jobs.tasks.books import read_books
from jobs.tasks.excluding import exclude
from loyalty.catalogue.service import save_products
from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import get_campaign, list_offers
from loyalty.offers.service import create_campaign, make_offers
from loyalty.offers.values import NewCampaign, NewOffer, Reason
from loyalty.stores.queries import get_programme
from loyalty.stores.values import Exclusions
from recommender.dataset import Catalogue
from tests.factories import NOW, activate, article, enrol, promotion

GOODS = ("bakery/bread", "drinks/coffee", "drinks/tea", "frozen/pizza")
COFFEE: Reason = {"kind": "similar_to", "category": "drinks/coffee"}
BREAD: Reason = {"kind": "interest", "category": "bakery"}


def exclude_now(session: Session, **parts: tuple[str, ...]) -> int:
    done = exclude(session, exclusions=Exclusions(**parts), actor="staff:1", now=NOW)
    return done.reasons


def items(session: Session) -> tuple[str, ...]:
    books = read_books(session, now=NOW)
    return Catalogue.of(books.products, config=books.config).items.names


def offer_two(session: Session) -> CustomerID:
    """Give a customer an offer because of coffee and one because of bread."""
    ada = enrol(session).profile.id
    for code in ("first", "second"):
        activate(session, promotion(code))
    campaign = NewCampaign(
        code="november",
        name="November",
        starts_at=NOW,
        ends_at=NOW + timedelta(days=1),
        promotions=("first", "second"),
    )
    create_campaign(session, campaign=campaign, actor="staff:1", now=NOW)
    made = [
        NewOffer(
            customer_id=ada,
            promotion=code,
            score=score,
            reason=reason,
            model_version="test",
        )
        for code, score, reason in (("first", 0.9, COFFEE), ("second", 0.5, BREAD))
    ]
    kept = get_campaign(session, code="november")
    make_offers(session, campaign=kept, offers=made, now=NOW)
    return ada


class TestExclude:
    @pytest.mark.parametrize(
        ("parts", "left"),
        [
            ({}, GOODS),
            ({"categories": ("drinks",)}, ("bakery/bread", "frozen/pizza")),
            ({"categories": ("drinks/tea",)}, (GOODS[0], GOODS[1], GOODS[3])),
            ({"words": ("Pizza",)}, GOODS[:3]),
            ({"words": ("izza",)}, GOODS),
        ],
    )
    def test_leaves_out_of_the_catalogue(
        self, database: Database, parts: dict[str, tuple[str, ...]], left: object
    ) -> None:
        with database.transaction() as session:
            exclude_now(session, **parts)

            assert items(session) == left

    def test_leaves_out_all_that_is_below(self, database: Database) -> None:
        with database.transaction() as session:
            deep = article("ICE", "frozen/sweet/ice cream", 300)
            save_products(session, products=[deep], now=NOW)
            exclude_now(session, categories=("frozen/sweet",))

            assert items(session) == GOODS

    def test_leaves_out_what_stands_there_only_as_well(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            both = article("CAKE", "bakery/cakes", 300)
            twice = type(both)(
                sku="CAKE",
                name="Cake",
                categories=("bakery/cakes", "drinks/wine"),
                price=both.price,
            )
            save_products(session, products=[twice], now=NOW)

            assert items(session) == GOODS

    def test_takes_reasons_and_leaves_offers(self, database: Database) -> None:
        with database.transaction() as session:
            ada = offer_two(session)

            changed = exclude_now(session, words=("coffee",))

            second, first = list_offers(session, customer_id=ada)
        assert changed == 1
        assert (first.promotion, first.reason) == ("first", {"kind": "chosen"})
        assert (second.promotion, second.reason) == ("second", BREAD)


@pytest.fixture
def environ(shared_database: Database) -> dict[str, str]:
    url = shared_database.engine.url.render_as_string(hide_password=False)
    return {
        "LOYALTY_DATABASE_URL": url,
        "LOYALTY_REDIS_URL": "redis://localhost:1/0",
        "LOYALTY_SECRET_KEY": "long enough to be an installation's secret",
    }


def run(environ: dict[str, str], *options: str) -> Result:
    command = ["programme", "exclusions", *options]
    return CliRunner().invoke(commands, command, env=environ)


class TestProgrammeExclusions:
    def test_adds_and_allows_again(
        self, shared_database: Database, environ: dict[str, str]
    ) -> None:
        assert run(environ).output == ""

        run(environ, "--category", "drinks/tea", "--word", " frozen  pizza ")
        done = run(environ, "--word", "bread")

        assert done.output == (
            "category drinks/tea\n"
            "word     frozen pizza\n"
            "word     bread\n"
            "left out bakery/bread\n"
            "left out drinks/tea\n"
            "left out frozen/pizza\n"
        )
        run(environ, "--allow-category", "drinks/tea", "--allow-word", "bread")
        with shared_database.transaction() as session:
            kept = get_programme(session).exclusions
        assert kept == Exclusions(words=("frozen pizza",))

    def test_refuses_a_category_that_is_not_there(
        self, shared_database: Database, environ: dict[str, str]
    ) -> None:
        refused = run(environ, "--category", "drinks/teas")

        assert refused.exit_code == 2
        assert "Perhaps: drinks/tea" in refused.stderr
        with shared_database.transaction() as session:
            assert get_programme(session).exclusions == Exclusions()
