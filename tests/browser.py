"""Driving a real Chromium in the functional tests."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    Route,
    sync_playwright,
)

PROJECT = Path(__file__).parent.parent
SCREENSHOTS = PROJECT / "var" / "screenshots"

_ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
_LOOPBACK = {"127.0.0.1", "localhost", "::1", None}
_PARTS = {"script", "stylesheet", "image", "font"}
_HTTP_ERROR = "Failed to load resource"
"""How Chromium reports an answer of 400 and above: judged by its response instead."""


def chromium() -> str:
    """
    Return the path of the Chromium to drive.

    :raises RuntimeError: there is none; ``make test`` provides one
    """
    named = os.environ.get("LOYALTY_TEST_CHROMIUM")
    unpacked = PROJECT / "var" / "chromium" / "run"
    if named:
        return named
    if unpacked.exists():
        return str(unpacked)
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    message = "there is no Chromium: run .ci/chromium, or set LOYALTY_TEST_CHROMIUM"
    raise RuntimeError(message)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run Chromium with a new, empty profile that never calls home."""
    with sync_playwright() as playwright:
        # Chromium's own sandbox refuses to run as root.
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=[*_ARGUMENTS, *sandbox]
        )
        yield browser
        browser.close()


class Watch:
    """What went wrong on a page without the test noticing."""

    def __init__(self, page: Page) -> None:
        self.problems: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("response", self._response)
        page.route("**/*", self._route)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_HTTP_ERROR):
            self.problems.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        part = response.request.resource_type in _PARTS
        # Documents may answer 4xx: that is what a refused form looks like.
        if response.status >= (400 if part else 500):
            self.problems.append(f"{response.status}: {response.url}")

    def _route(self, route: Route, request: Request) -> None:
        if urlsplit(request.url).hostname in _LOOPBACK:
            route.fallback()
        else:
            self.problems.append(f"request to another host: {request.url}")
            route.abort()


def save_screenshot(page: Page, name: str) -> Path:
    """Save the whole page as ``var/screenshots/NAME.png``."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path


def axe_violations(page: Page) -> list[str]:
    """Return what axe finds wrong on a page: the rule, and where."""
    script = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
    # Evaluated by the debugger, so that the page's own policy needs no exception.
    page.evaluate(script.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]
