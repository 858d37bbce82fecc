"""Campaigns in a real browser: built step by step, and what they changed."""

from playwright.sync_api import Page, expect

from loyalty.core.database import Database
from tests.browser import axe_violations, save_screenshot
from tests.functional.test_recommendations import (  # noqa: F401  # fixtures
    LOOKS,
    ada,
    database,
    desk,
    go,
    shop_clock,
)
from tests.integration.offers.campaigned import CODE, run_weekly


class TestMarketer:
    def test_builds_a_campaign_step_by_step(self, desk: Page) -> None:  # noqa: F811  # the fixture
        go(desk, "/admin/campaigns/new")
        desk.get_by_label("Name").fill("Winter")
        desk.get_by_label("Code").fill("winter-2")
        desk.get_by_label("Coffee, 20 % off").check()
        desk.get_by_label("First day").fill("2026-12-01")
        desk.get_by_label("Last day").fill("2026-12-24")
        desk.get_by_role("button", name="Keep and go on").click()

        expect(desk.locator("#count")).to_contain_text("Customers 24")
        language = desk.get_by_role("group", name="Language")
        language.get_by_role("combobox").select_option("all")
        language.get_by_label("Persian").check()
        expect(desk.locator("#count")).to_contain_text("Customers 0")
        language.get_by_label("English").check()
        expect(desk.locator("#count")).to_contain_text("Customers 24")
        desk.get_by_role("button", name="Keep and go on").click()

        desk.get_by_role("radio", name="Every week").check()
        desk.get_by_label("Monday").check()
        desk.get_by_role("button", name="Keep and go on").click()
        desk.get_by_role("button", name="Keep and go on").click()
        expect(desk.locator("#main")).to_contain_text("Every week on Monday at 09:00.")
        desk.get_by_role("button", name="Launch").click()
        expect(desk.locator("#main")).to_contain_text("Scheduled")


class TestPages:
    def test_look_right_in_both_directions_wide_and_narrow_light_and_dark(
        self,
        desk: Page,  # noqa: F811  # the fixture
        database: Database,  # noqa: F811  # the fixture
    ) -> None:
        with database.transaction() as session:
            run_weekly(session)
        own = f"/admin/campaigns/{CODE}"
        pages = {
            "list": "/admin/campaigns",
            "results": own,
            "audience": f"{own}/audience",
            "when": f"{own}/when",
            "message": f"{own}/message",
            "check": f"{own}/check",
        }
        for language, (width, height), scheme in LOOKS:
            desk.set_viewport_size({"width": width, "height": height})
            desk.emulate_media(
                color_scheme="dark" if scheme == "dark" else "light",
                reduced_motion="reduce",
            )
            go(desk, f"/admin/campaigns?lang={language}")
            for name, path in pages.items():
                go(desk, path)
                look = f"{name}-{language}-{width}-{scheme}"
                save_screenshot(desk, f"campaign-{look}")
                assert axe_violations(desk) == [], look
                wide = "document.documentElement.scrollWidth > innerWidth"
                assert not desk.evaluate(wide), look
