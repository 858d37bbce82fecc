"""The browser that the functional tests drive, and the assets in it."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.browser import PROJECT, Watch, axe_violations

ASSETS = PROJECT / "loyalty" / "web" / "assets"
POLICY = "default-src 'self'; img-src 'self' data:"


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder under the policy that the service's pages have."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    for asset in ASSETS.iterdir():
        (tmp_path / asset.name).symlink_to(asset)
    handler = partial(Handler, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def write(folder: Path, body: str, head: str = "") -> None:
    (folder / "index.html").write_text(
        f'<!doctype html><html lang="en"><head>'
        f'<meta charset="utf-8"><title>Test</title>{head}</head>'
        f"<body><main><h1>Test</h1>{body}</main></body></html>"
    )


def assets() -> dict[str, str]:
    names: dict[str, str] = json.loads((ASSETS / "manifest.json").read_text())
    return names


class TestAssets:
    def test_all_load_under_the_policy_of_the_service(
        self, page: Page, site: str, tmp_path: Path
    ) -> None:
        names = assets()
        (tmp_path / "own.css").write_text(
            "h1, p { font-family: 'Inter Variable', 'Vazirmatn Variable' }"
        )
        write(
            tmp_path,
            "<p>Zażółć gęślą jaźń, سلام</p>",
            '<link rel="stylesheet" href="own.css">'
            f'<link rel="stylesheet" href="{names["customer.css"]}">'
            f'<link rel="stylesheet" href="{names["staff.css"]}">'
            f'<link rel="icon" href="{names["icons.svg"]}">'
            f'<script src="{names["htmx.min.js"]}" defer></script>',
        )

        page.goto(f"{site}/index.html")

        assert page.evaluate("typeof htmx") == "object"
        fonts = "document.fonts.ready.then(() => [...document.fonts]"
        loaded = page.evaluate(
            f"{fonts}.filter(f => f.status === 'loaded').map(f => f.family))"
        )
        assert {name.strip("'\"") for name in loaded} == {
            "Inter Variable",
            "Vazirmatn Variable",
        }

    def test_draw_the_api_documentation_without_inline_code(
        self, page: Page, site: str, tmp_path: Path
    ) -> None:
        names = assets()
        (tmp_path / "openapi.json").write_text(
            json.dumps(
                {
                    "openapi": "3.1.0",
                    "info": {"title": "Loyalty", "version": "1"},
                    "paths": {
                        "/cards": {
                            "get": {
                                "summary": "List the cards",
                                "responses": {"200": {"description": "All"}},
                            }
                        }
                    },
                }
            )
        )
        (tmp_path / "start.js").write_text(
            "SwaggerUIBundle({url: 'openapi.json', dom_id: '#docs'})"
        )
        write(
            tmp_path,
            '<div id="docs"></div>',
            f'<link rel="stylesheet" href="{names["swagger-ui.css"]}">'
            f'<link rel="icon" href="{names["icons.svg"]}">'
            f'<script src="{names["swagger-ui.js"]}" defer></script>'
            '<script src="start.js" defer></script>',
        )

        page.goto(f"{site}/index.html")

        page.get_by_text("List the cards").click()
        expect(page.get_by_role("button", name="Try it out")).to_be_visible()


class TestWatch:
    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ('<img src="missing.png" alt="">', "404: "),
            ("<script>alert(1)</script>", "console: "),
        ],
    )
    def test_sees_what_a_test_would_overlook(
        self, browser: Browser, site: str, tmp_path: Path, body: str, problem: str
    ) -> None:
        write(tmp_path, body, f'<link rel="icon" href="{assets()["icons.svg"]}">')
        with browser.new_context() as context:
            page = context.new_page()
            watch = Watch(page)

            page.goto(f"{site}/index.html", wait_until="networkidle")

        assert problem in watch.problems[0]

    def test_lets_nothing_go_to_another_host(self, browser: Browser) -> None:
        with browser.new_context() as context:
            page = context.new_page()
            watch = Watch(page)

            with pytest.raises(Error, match="ERR_FAILED"):
                page.goto("http://example.org/")

        assert watch.problems == ["request to another host: http://example.org/"]


class TestAxeViolations:
    def test_names_the_rule_and_the_place(
        self, page: Page, site: str, tmp_path: Path
    ) -> None:
        icon = f'<link rel="icon" href="{assets()["icons.svg"]}">'
        write(tmp_path, '<input type="text">', icon)
        page.goto(f"{site}/index.html")
        assert axe_violations(page)[0].startswith("label: ['input']")

        write(tmp_path, "<p>Fine</p>", icon)
        page.reload()
        assert axe_violations(page) == []
