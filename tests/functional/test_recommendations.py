"""The recommender's pages in a real browser: progress, a way back, how they look."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from redis import Redis
from sqlalchemy import Engine, QueuePool
from werkzeug.serving import make_server

from loyalty import admin, web
from loyalty.core import clock
from loyalty.core.clock import machine_now
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import get_campaign
from loyalty.offers.service import (
    add_members,
    create_campaign,
    keep_nothing,
    make_offers,
    mark_planned,
)
from loyalty.offers.values import Aim, NewCampaign, NewOffer, NothingBecause, Odds
from loyalty.recommendations.queries import list_runs
from loyalty.recommendations.values import RunKind
from loyalty.staff.service import members, sessions
from loyalty.staff.values import Post, Role
from loyalty.web import AppParts
from tests.browser import axe_violations, save_screenshot
from tests.factories import NOW, activate, enrol, make_shop, promotion, small_vault
from tests.integration.admin.recommended import (
    OLDER,
    done,
    recommend,
    running,
    shared_out,
    two_models,
)

OWN = "/admin/recommendations"
NAMES = {
    "coffee": ("Coffee, 20 % off", "قهوه، ۲۰٪ تخفیف"),
    "tea": ("A second tea free", "چای دوم رایگان"),
    "bread": ("Bread, 50 cents off", "نان، ۵۰ سنت تخفیف"),
    "pizza": ("Frozen pizza, 2 for 1", "پیتزای منجمد، ۲ تا به قیمت ۱"),
}
LOOKS = (
    ("en", (1280, 900), "light"),
    ("en", (390, 844), "dark"),
    ("fa", (1280, 900), "dark"),
    ("fa", (390, 844), "light"),
)


@pytest.fixture(autouse=True)
def shop_clock() -> Iterator[None]:
    clock.use_source(lambda: NOW)
    yield
    clock.use_source(machine_now)


@pytest.fixture
def database(fresh_postgres_url: str) -> Iterator[Database]:
    engine = open_engine(fresh_postgres_url, pool_size=4)
    yield Database(engine, NoQueue(), small_vault())
    wait_for_requests(engine)
    engine.dispose()


@pytest.fixture
def ada(database: Database) -> CustomerID:
    """Return one of a few customers of a shop whose recommender is at work."""
    with database.transaction() as session:
        make_shop(session)
        for code, (english, persian) in NAMES.items():
            name = {"en": english, "fa": persian}
            activate(session, promotion(code, name=name, trigger="personal"))
        first, *others = (
            enrol(session, f"m{number}@example.org").profile.id for number in range(24)
        )
        nothing = dict(zip(others, NothingBecause, strict=False))
        recommend(session, first, *NAMES, nothing=nothing)
        for number, other in enumerate(others[len(nothing) : -3]):
            recommend(session, other, *list(NAMES)[number % 3 :])
        two_models(session)
        held = running(session, RunKind.ALLOCATE, subject="winter")
        done(session, held, shared_out())
    return first


@pytest.fixture
def campaign(database: Database, ada: CustomerID) -> str:
    """Plan a campaign that has offers for one and nothing for others."""
    made = NewCampaign(
        code="winter",
        name="Winter",
        starts_at=NOW + timedelta(days=1),
        ends_at=NOW + timedelta(days=15),
        promotions=tuple(NAMES),
        offers_per_customer=4,
        budget=150_000,
        most_offers=2_000,
        redemption_value=80,
    )
    offers = [
        NewOffer(
            customer_id=ada,
            promotion=code,
            score=1.0,
            reason={"kind": "popular"},
            model_version="v1",
            odds=Odds(probability=0.3, value=9.0, aim=aim, parts={"habit": 1.0}),
        )
        for code, aim in (("coffee", Aim.REWARD), ("tea", Aim.DISCOVERY))
    ]
    with database.transaction() as session:
        other = enrol(session, "other@example.org").profile.id
        create_campaign(session, campaign=made, actor="staff:1", now=NOW)
        found = get_campaign(session, code="winter")
        add_members(session, campaign=found, groups={ada: False, other: False})
        spent = {other: NothingBecause.BUDGET_SPENT}
        keep_nothing(session, campaign=found, because=spent)
        make_offers(session, campaign=found, offers=offers, now=NOW)
        mark_planned(session, campaign=found, now=NOW)
    return made.code


@pytest.fixture
def desk(
    page: Page, database: Database, ada: CustomerID, redis_url: str
) -> Iterator[Page]:
    """Sign a marketer in; addresses may be given without the host."""
    assert ada
    with Redis.from_url(redis_url) as valkey:
        valkey.flushdb()
    parts = AppParts(
        database=database,
        vault=small_vault(),
        redis_url=redis_url,
        public_url="http://localhost",
        secure_cookies=False,
    )
    app = Flask("loyalty", static_folder=None)
    web.install(app, parts)
    app.register_blueprint(admin.blueprint)
    with database.transaction() as session:
        member = members.add_member(
            session,
            email="marketer@shop.example.com",
            name="Mia",
            posts=[Post(role=Role.MARKETER, store_id=None)],
            actor="system",
            now=machine_now(),
        )
        token = sessions.open_session(
            session,
            staff_id=member.id,
            browser="a test's",
            store_id=None,
            now=machine_now(),
        )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    page.context.add_cookies([{"name": "staff", "value": token, "url": address}])
    page.goto(f"{address}{OWN}")
    yield page
    page.goto("about:blank")  # which asks no more how far something is
    server.shutdown()
    server.server_close()


def wait_for_requests(engine: Engine) -> None:
    """Wait until the last request that the browser began has given back its own."""
    assert isinstance(engine.pool, QueuePool)
    deadline = time.monotonic() + 5
    while engine.pool.checkedout() and time.monotonic() < deadline:
        time.sleep(0.02)


def go(page: Page, path: str) -> None:
    """Open another page of the same shop."""
    page.goto(f"{page.evaluate('location.origin')}{path}")


class TestMarketer:
    def test_follows_a_training_without_loading_the_page_again(
        self, desk: Page, database: Database
    ) -> None:
        desk.get_by_role("link", name="Train now").click()
        desk.get_by_role("button", name="Train now").click()
        expect(desk.locator(".run")).to_contain_text("waiting for a worker")

        with database.transaction() as session:
            held = running(session, RunKind.TRAIN)
        expect(desk.locator(".run")).to_contain_text("3 of 8")
        assert axe_violations(desk) == []

        with database.transaction() as session:
            done(session, held, {})
        expect(desk.locator(".run")).to_contain_text("Training is done.")
        desk.get_by_role("link", name="Show what came of it").click()
        expect(desk.locator(".run")).to_have_count(0)
        expect(desk.locator(".table")).to_contain_text("Mia")

    def test_goes_back_to_the_model_before_by_keyboard(
        self, desk: Page, database: Database
    ) -> None:
        desk.get_by_role("link", name="Models").click()
        desk.get_by_role("link", name="Go back to the one before").focus()
        desk.keyboard.press("Enter")
        expect(desk.locator("h1")).to_have_text("Go back to the model before?")
        expect(desk.locator("#main")).to_contain_text(OLDER)
        desk.get_by_role("button", name="Go back to it").focus()
        desk.keyboard.press("Enter")

        expect(desk.locator(".run")).to_contain_text("Going back to the model before")
        with database.transaction() as session:
            (run, *_others) = list_runs(session)
        assert run.kind is RunKind.ROLL_BACK

    def test_reads_the_figures_behind_a_picture(self, desk: Page) -> None:
        go(desk, f"{OWN}/quality")
        card = desk.locator(".card", has_text="Of all that they then bought")
        card.get_by_text("Figures").click()

        expect(card.get_by_role("rowheader", name="What sells most")).to_be_visible()


class TestPages:
    def test_look_right_in_both_directions_wide_and_narrow_light_and_dark(
        self, desk: Page, ada: CustomerID, campaign: str
    ) -> None:
        pages = {
            "overview": OWN,
            "quality": f"{OWN}/quality",
            "coverage": f"{OWN}/coverage",
            "to-whom": f"{OWN}/coverage/promotions/coffee",
            "without": f"{OWN}/coverage/not_wanted",
            "models": f"{OWN}/models",
            "train": f"{OWN}/train",
            "switch": f"{OWN}/models/{OLDER}/promote",
            "customer": f"/admin/customers/{ada}",
            "campaign": f"/admin/campaigns/{campaign}",
            "campaign-new": "/admin/campaigns/new",
        }
        for language, (width, height), scheme in LOOKS:
            desk.set_viewport_size({"width": width, "height": height})
            desk.emulate_media(
                color_scheme="dark" if scheme == "dark" else "light",
                reduced_motion="reduce",
            )
            go(desk, f"{OWN}?lang={language}")
            for name, path in pages.items():
                go(desk, path)
                look = f"{name}-{language}-{width}-{scheme}"
                save_screenshot(desk, f"recommender-{look}")
                assert axe_violations(desk) == [], look
                wide = "document.documentElement.scrollWidth > innerWidth"
                assert not desk.evaluate(wide), look
