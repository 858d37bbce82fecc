"""Every route says whom it is for. What is added without a word fails here."""

from functools import cache

import pytest
from flask import Flask
from werkzeug.routing import Rule

from loyalty.api.auth import scope_of_endpoint
from loyalty.app import create_app
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.core.vault import Vault
from loyalty.web import AppParts
from loyalty.web.guards import (
    API_PATH,
    OPEN_ENDPOINTS,
    Audience,
    Guard,
    guard_of,
    is_csrf_exempt,
)

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
STAFF_PATHS = ("/admin", "/till")
FOR_ALL_STAFF = {"/admin"}
"""The first page, which shows each reader only what their permissions allow."""

WITHOUT_TOKEN = ("/u/", "/reports/", "/demo/sink/")
"""Where programs post to: one-click unsubscribe (RFC 8058), providers' reports, and
what the worker hands to the demo's own providers."""


@cache
def application() -> Flask:
    """Build the application; nothing connects before a request."""
    vault = Vault("a secret of at least 32 letters!")
    engine = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    return create_app(
        AppParts(
            database=Database(engine, NoQueue(), vault),
            vault=vault,
            redis_url="memory://",
            public_url="http://localhost",
            demo=True,
        )
    )


def rules() -> list[Rule]:
    """Return all rules of our own."""
    return [
        rule
        for rule in application().url_map.iter_rules()
        if rule.endpoint not in OPEN_ENDPOINTS
    ]


def pages() -> list[Rule]:
    """Return the rules of pages."""
    return [rule for rule in rules() if not rule.rule.startswith(API_PATH)]


def guard(rule: Rule) -> Guard:
    """Return what a page declares."""
    found = guard_of(application().view_functions[rule.endpoint])
    assert found is not None, f"{rule} ({rule.endpoint}) declares no guard"
    return found


@pytest.mark.parametrize("rule", pages(), ids=str)
class TestPage:
    def test_says_whom_it_is_for(self, rule: Rule) -> None:
        found = guard(rule)

        assert found.audience is not Audience.EVERYBODY or found.why

    def test_of_staff_names_a_permission(self, rule: Rule) -> None:
        if rule.rule.startswith(STAFF_PATHS) and rule.rule not in FOR_ALL_STAFF:
            assert guard(rule).permission is not None

    def test_asks_for_a_token_where_browsers_post(self, rule: Rule) -> None:
        with application().app_context():
            exempt = is_csrf_exempt(rule.endpoint)

        assert not exempt or rule.rule.startswith(WITHOUT_TOKEN)


def test_every_call_of_the_api_names_its_scope() -> None:
    silent = []
    with application().app_context():
        for rule in rules():
            if rule.rule.startswith(API_PATH):
                methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
                silent += [
                    f"{method} {rule}"
                    for method in methods
                    if scope_of_endpoint(rule.endpoint, method) is None
                ]

    assert silent == []
