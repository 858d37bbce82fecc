"""The whole loop in a real browser, on a demo shop with all its processes."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from loyalty import embedded
from loyalty.catalogue.queries import all_products
from loyalty.catalogue.values import Product
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.core.vault import Vault
from loyalty.customers.queries import find_by_address
from loyalty.customers.rules import Address
from loyalty.customers.values import ContactKind
from loyalty.demo.clock import clock_file, demo_clock
from loyalty.demo.mailbox import Arrival, list_mails, read_mail
from loyalty.offers.queries import get_campaign
from loyalty.offers.values import CampaignState
from loyalty.promotions.queries import get_promotion, list_promotions
from loyalty.promotions.rules.rewards import selectors
from loyalty.promotions.values import BasketLine, Promotion, Trigger
from loyalty.promotions.values.states import PromotionState
from loyalty.stores.queries import list_stores
from loyalty.usecases.checkout import BasketRequest, quote_basket
from loyalty.usecases.identify_customer import identify_customer
from tests.browser import save_screenshot

WARSAW = ZoneInfo("Europe/Warsaw")
EMAIL = "journey@example.org"
TIMES = 3
START_SECONDS = 300.0
STEP_SECONDS = 150.0
EVENING = (18 * 60, 20 * 60)

T = TypeVar("T")


def eventually(look: Callable[[], T | None], *, seconds: float = STEP_SECONDS) -> T:
    """Return what is found, asking again until it is there."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.3)
    message = f"nothing within {seconds} s"
    raise AssertionError(message)


def send(page: Page, button: Locator) -> None:
    """Press a form's button and wait for the answer: going on at once would undo it."""
    with page.expect_navigation():
        button.click()


@dataclass(frozen=True, slots=True)
class Shop:
    """A running demo, from outside and from within."""

    address: str
    folder: Path
    database: Database

    def mail(self, subject: str) -> Arrival | None:
        """Return the latest mail to the traveller whose subject holds the text."""
        for mail in list_mails(self.folder / "demo" / "mail"):
            if EMAIL in mail.recipients and subject in mail.subject:
                return mail
        return None

    def link_in(self, mail: Arrival) -> str:
        """Return the address of the mail's button."""
        text = read_mail(self.folder / "demo" / "mail", mail.id).text
        found = re.search(r"http://127\.0\.0\.1:\d+/[ov]/\S+", text)
        assert found is not None
        return found.group()

    def article_of(self, promotion: Promotion) -> Product:
        """Return an article, dear enough, that the promotion is about."""
        about = selectors(promotion.reward)[0]
        with self.database.transaction() as session:
            for product in list(all_products(session)):
                paths = product.categories
                if about.skus is not None and product.sku not in about.skus:
                    continue
                if about.categories is not None and not any(
                    path == wanted or path.startswith(f"{wanted}/")
                    for path in paths
                    for wanted in about.categories
                ):
                    continue
                if about.brands is not None and product.brand not in about.brands:
                    continue
                if product.price.amount >= 100 and not product.weighed:
                    return product
        message = f"no article for {promotion.code}"
        raise AssertionError(message)

    def article_that_redeems(self) -> Product:
        """Return an article of which some units use one of the traveller's offers."""
        now = demo_clock(clock_file(self.folder))()
        with self.database.transaction() as session:
            found = identify_customer(session, text=EMAIL, now=now)
            assert found.card is not None
            for offer in found.offers:
                promotion = get_promotion(session, code=offer.promotion).promotion
                article = self.article_of(promotion)
                line = BasketLine(
                    line="1",
                    sku=article.sku,
                    quantity=Decimal(TIMES),
                    unit_price=article.price,
                )
                store = list_stores(session)[0].code
                asked = BasketRequest(
                    store=store, card=found.card.number, lines=(line,), payment="card"
                )
                quote = quote_basket(session, request=asked, now=now).quote
                if offer.promotion in {one.promotion for one in quote.applied}:
                    return article
        message = "none of the offers applies"
        raise AssertionError(message)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    folder = Path(tempfile.mkdtemp(prefix="loyalty-journey-"))
    folder.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["-m", "jobs.cli", "demo", "--households", "25", "--port", str(port)]
    environment = {
        name: value for name, value in os.environ.items() if "LOYALTY_" not in name
    }
    environment["LOYALTY_DATA_DIR"] = str(folder)
    with (folder / "demo.log").open("w") as log:
        demo = subprocess.Popen(
            [sys.executable, *command], env=environment, stdout=log, stderr=log
        )
    try:
        eventually(lambda: open_shop(demo, folder), seconds=START_SECONDS)
        servers = embedded.attach(folder)
        assert servers is not None
        with servers:
            engine = open_engine(servers.database_url)
            vault = Vault((folder / "secret").read_text().strip())
            database = Database(engine, NoQueue(), vault)
            yield Shop(f"http://127.0.0.1:{port}", folder, database)
            engine.dispose()
    finally:
        demo.terminate()
        demo.wait(timeout=60)
        embedded.remove(folder)
        shutil.rmtree(folder, ignore_errors=True)


def open_shop(demo: subprocess.Popen[bytes], folder: Path) -> bool | None:
    said = (folder / "demo.log").read_text()
    assert demo.poll() is None, said
    return True if "The shop is open" in said else None


class TestWholeLoop:
    def test_from_enrolment_to_the_timeline(self, page: Page, shop: Shop) -> None:
        page.set_default_timeout(20_000)
        self.enrol(page, shop)
        self.buy(page, self.usual_article(shop))
        self.confirm_and_prefer(page, shop)
        self.train(shop)
        self.plan(page, shop)
        self.wait_for_the_offer(page, shop)
        self.follow_the_link(page, shop)
        self.redeem(page, shop)
        self.read_the_timeline(page, shop)

    def usual_article(self, shop: Shop) -> Product:
        """Return an article that a running personal promotion is about."""
        with shop.database.transaction() as session:
            running = list_promotions(session, states=[PromotionState.ACTIVE])
        personal = [
            stored.promotion
            for stored in running
            if stored.promotion.trigger is Trigger.PERSONAL
        ]
        return shop.article_of(personal[0])

    def enter(self, page: Page, shop: Shop, door: str) -> None:
        page.goto(f"{shop.address}/")
        page.get_by_role("button", name=door).click()
        expect(page).to_have_url(re.compile(r"/(till|admin)$"))
        page.wait_for_load_state()

    def enrol(self, page: Page, shop: Shop) -> None:
        self.enter(page, shop, "Be the cashier")
        with page.expect_navigation():
            page.keyboard.press("F2")
        page.get_by_label("Phone number or e-mail").fill(EMAIL)
        page.get_by_label("First name").fill("Zoe")
        page.get_by_label("Personal offers from purchases").check()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Zoe is a member now")
        save_screenshot(page, "loop-enrolled")

    def buy(self, page: Page, article: Product, *, times: int = 2) -> None:
        page.wait_for_load_state()
        with page.expect_navigation():
            page.keyboard.press("F4")
        for count in range(1, times + 1):
            page.get_by_label("Article: scan, number or name").fill(article.sku)
            page.keyboard.press("Enter")
            quantity = page.get_by_label(f"Quantity of {article.name}", exact=True)
            expect(quantity).to_have_value(str(count))
        save_screenshot(page, "loop-basket")
        page.keyboard.press("F8")
        expect(page).to_have_url(re.compile(r"/till/receipts/\d+"))
        save_screenshot(page, "loop-receipt")

    def confirm_and_prefer(self, page: Page, shop: Shop) -> None:
        """Confirm the address by the welcome mail; ask for mails in the evening."""
        welcome = eventually(lambda: shop.mail("Welcome"))
        page.goto(shop.link_in(welcome))
        page.get_by_role("button", name="Confirm and open my wallet").click()
        expect(page).to_have_url(re.compile(r"/wallet$"))
        expect(page.get_by_text("Your points")).to_be_visible()
        with shop.database.transaction() as session:
            address = Address(kind=ContactKind.EMAIL, value=EMAIL)
            assert find_by_address(session, address=address) is not None
        save_screenshot(page, "loop-wallet")
        page.goto(f"{shop.address}/wallet/preferences")
        start, until = EVENING
        for day in range(7):
            # The box itself is hidden behind its cell.
            page.locator(f"input[value='{day}:{start}-{until}']").check(force=True)
        send(page, page.get_by_role("button", name="Save"))
        boxes = page.locator(f"input[value$=':{start}-{until}']:checked")
        expect(boxes).to_have_count(7)
        save_screenshot(page, "loop-preferences")

    def train(self, shop: Shop) -> None:
        """Train by hand, once the demo's own training in the background is over."""

        def trained() -> bool | None:
            done = subprocess.run(
                [sys.executable, "-m", "jobs.cli", "recommender", "train", "--json"],
                env={**os.environ, "LOYALTY_DATA_DIR": str(shop.folder)},
                capture_output=True,
                check=False,
            )
            if b"Another process" in done.stderr:
                return None
            assert done.returncode == 0, done.stderr
            return True

        eventually(trained)

    def plan(self, page: Page, shop: Shop) -> None:
        self.enter(page, shop, "Be the marketer")
        page.goto(f"{shop.address}/admin/campaigns/new")
        page.get_by_label("Name").fill("Journey")
        page.get_by_label("Code").fill("journey")
        for box in page.locator("input[name=promotions]").all():
            box.check()
        today = datetime.now(WARSAW).date()
        page.get_by_label("First day").fill(today.isoformat())
        page.get_by_label("Last day").fill((today + timedelta(days=28)).isoformat())
        page.get_by_label("Held out").fill("0")
        send(page, page.get_by_role("button", name="Keep and go on"))
        page.goto(f"{shop.address}/admin/campaigns/journey")
        send(page, page.get_by_role("button", name="Plan now"))

        def planned() -> bool | None:
            # Asked in the books: the page speaks of planning while it goes on, too.
            with shop.database.transaction() as session:
                state = get_campaign(session, code="journey").state
            return True if state is CampaignState.RUNNING else None

        eventually(planned)
        page.goto(f"{shop.address}/admin/campaigns/journey")
        expect(page.get_by_text("Planned", exact=True).first).to_be_visible()
        save_screenshot(page, "loop-campaign")

    def wait_for_the_offer(self, page: Page, shop: Shop) -> None:
        """Move the clock; the mail leaves in the evening hours asked for."""
        page.goto(f"{shop.address}/")
        send(page, page.locator(".demo-bar button[value='1']"))

        def arrived() -> Arrival | None:
            page.goto(f"{shop.address}/demo/forward")
            return shop.mail("an offer for you")

        mail = eventually(arrived)
        local = mail.at.astimezone(WARSAW)
        assert EVENING[0] <= local.hour * 60 + local.minute < EVENING[1]

        def walked() -> bool | None:
            page.goto(f"{shop.address}/demo/forward")
            return True if page.get_by_text("See the mails").count() else None

        eventually(walked)
        page.goto(f"{shop.address}/wallet/messages")
        expect(page.get_by_role("main")).to_contain_text("an offer for you")
        save_screenshot(page, "loop-inbox")

    def follow_the_link(self, page: Page, shop: Shop) -> None:
        mail = shop.mail("an offer for you")
        assert mail is not None
        page.goto(shop.link_in(mail))
        expect(page.get_by_role("heading", name="Why me?")).to_be_visible()
        save_screenshot(page, "loop-offer")

    def redeem(self, page: Page, shop: Shop) -> None:
        article = shop.article_that_redeems()
        self.enter(page, shop, "Be the cashier")
        with page.expect_navigation():
            page.keyboard.press("F9")
        page.get_by_label("Phone, e-mail or card number").fill(EMAIL)
        page.keyboard.press("Enter")
        expect(page.get_by_text("Zoe").first).to_be_visible()
        save_screenshot(page, "loop-identified")
        self.buy(page, article, times=TIMES)
        expect(page.get_by_role("main")).to_contain_text("Saved")

    def read_the_timeline(self, page: Page, shop: Shop) -> None:
        self.enter(page, shop, "Be the marketer")
        page.goto(f"{shop.address}/admin/customers")
        page.locator("input[name=who]").fill(EMAIL)
        page.keyboard.press("Enter")
        timeline = page.get_by_role("main")
        for step in ("Enrolled", "Bought", "Offer", "Message", "redeemed"):
            expect(timeline).to_contain_text(re.compile(step, re.IGNORECASE))
        save_screenshot(page, "loop-timeline")
