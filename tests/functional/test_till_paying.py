"""Paying with points and gift cards at the till, in a real browser."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from redis import Redis
from werkzeug.serving import make_server

from loyalty import portal, till, web
from loyalty.core.clock import machine_now, utc_now
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.core.vault import Vault
from loyalty.giftcards.service import Sale, issue_card, sell, top_up
from loyalty.points.service import earn
from loyalty.points.values import Earning, Request
from loyalty.staff.service import sessions
from loyalty.web import AppParts
from tests.browser import axe_violations, save_screenshot
from tests.integration.till.shop import SECRET, Shop, euros, set_up

SIZES = {"till": (1366, 768), "phone": (390, 844)}


@pytest.fixture
def database(fresh_postgres_url: str) -> Iterator[Database]:
    engine = open_engine(fresh_postgres_url, pool_size=4)
    yield Database(engine, NoQueue(), Vault(SECRET))
    engine.dispose()


@pytest.fixture
def shop(database: Database) -> Shop:
    shop, now = set_up(database), utc_now()
    request = Request(key="start", actor="system")
    earning = Earning(points=1500, request=request, immediately=True)
    paid = Sale(
        amount=euros(300), store_id=shop.north, request_key="top", actor="staff:1"
    )
    with database.transaction() as session:
        earn(session, customer_id=shop.anna, earning=earning, now=now)
        top_up(session, customer_id=shop.anna, sale=paid, now=now)
    return shop


@pytest.fixture
def code(database: Database, shop: Shop) -> str:
    sale = Sale(
        amount=euros(200), store_id=shop.north, request_key="sale", actor="staff:1"
    )
    with database.transaction() as session:
        made = issue_card(session, face=euros(200), actor="staff:1", now=utc_now())
        sell(session, account_id=made.account.id, sale=sale, now=utc_now())
    return made.code


@pytest.fixture
def address(database: Database, redis_url: str) -> Iterator[str]:
    with Redis.from_url(redis_url) as valkey:
        valkey.flushdb()
    parts = AppParts(
        database=database,
        vault=Vault(SECRET),
        redis_url=redis_url,
        public_url="http://localhost",
        secure_cookies=False,
    )
    app = Flask("loyalty", static_folder=None)
    web.install(app, parts)
    for surface in (till, portal):
        app.register_blueprint(surface.blueprint)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def counter(page: Page, address: str, database: Database, shop: Shop) -> Page:
    """Sign in, attach Anna, and put milk and butter, €4.18, on the counter."""
    with database.transaction() as session:
        token = sessions.open_session(
            session,
            staff_id=shop.cashier,
            browser="test",
            store_id=shop.north,
            now=machine_now(),
        )
    page.context.add_cookies([{"name": "staff", "value": token, "url": address}])
    page.goto(f"{address}/till")
    page.keyboard.type(shop.anna_card)
    page.keyboard.press("Enter")
    expect(page.locator("#member-name")).to_contain_text("Anna")
    page.goto(f"{address}/till/basket")
    for at, sku in enumerate(("2001", "2002"), start=1):
        page.locator("#f-text").fill(sku)
        page.keyboard.press("Enter")
        expect(page.locator(".till-line")).to_have_count(at)
    return page


def look(page: Page, name: str) -> None:
    """Let axe judge the page in light and dark, wide and narrow; keep its picture."""
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            save_screenshot(page, f"{name}-{size}-{scheme}")
            assert axe_violations(page) == []
            wide = "document.documentElement.scrollWidth > innerWidth"
            assert not page.evaluate(wide)
    page.set_viewport_size({"width": 1366, "height": 768})


def in_sight(page: Page) -> bool:
    """Test whether nothing covers the middle of the button that pays."""
    return bool(
        page.evaluate(
            """() => {
                const pay = document.querySelector("#pay button");
                const box = pay.getBoundingClientRect();
                const middle = [box.x + box.width / 2, box.y + box.height / 2];
                return pay.contains(document.elementFromPoint(...middle));
            }"""
        )
    )


class TestPayingAtTheTill:
    def test_takes_any_points_and_a_gift_card_by_keyboard(
        self, counter: Page, code: str
    ) -> None:
        page, total = counter, counter.locator(".total strong")

        page.keyboard.press("F6")
        page.keyboard.type("123")
        page.keyboard.press("Enter")
        expect(total).to_have_text("€2.95")
        page.keyboard.press("F7")
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        expect(total).to_have_text("€0.95")
        page.keyboard.press("F6")
        page.keyboard.type("9")
        page.locator("#f-stored").fill("x")
        page.keyboard.press("Enter")
        expect(page.locator("#f-stored-problem")).to_be_visible()
        look(page, "till-tenders-en")
        assert in_sight(page)
        page.keyboard.press("F8")

        expect(page.locator("h1")).to_contain_text("Paid")
        expect(page.get_by_text("123 points", exact=True)).to_be_visible()
        look(page, "till-tenders-receipt-en")

    def test_asks_who_brought_a_new_member(self, counter: Page, address: str) -> None:
        counter.goto(f"{address}/till/enrol")
        counter.get_by_text("Brought by a friend?").click()

        look(counter, "till-enrol-friend-en")

    def test_reads_and_shows_persian(self, counter: Page, address: str) -> None:
        page = counter
        page.context.add_cookies([{"name": "lang", "value": "fa", "url": address}])
        page.goto(f"{address}/till/basket")

        page.locator("#f-points").fill("۱۲۳")
        page.keyboard.press("Enter")

        expect(page.locator("#f-points")).to_have_value("۱۲۳")
        expect(page.locator(".total strong")).to_contain_text("۲٫۹۵")
        page.keyboard.press("F10")
        expect(page.locator("#f-points")).to_have_value("۴۱۸")
        look(page, "till-tenders-fa")
