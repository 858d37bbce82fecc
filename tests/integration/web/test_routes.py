"""The whole application: each route by each role, by strangers and by customers."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from loyalty.app import create_app
from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.staff.rules import PERMISSIONS
from loyalty.staff.values import Role
from loyalty.usecases.sign_in_staff import open_for
from loyalty.web import AppParts
from loyalty.web.guards import (
    API_PATH,
    OPEN_ENDPOINTS,
    Audience,
    Guard,
    guard_of,
)
from tests.integration.web.conftest import Shop

UNKNOWN = 999_999_999
ONE_OF = re.compile(r"<any\((\w+)[^>]*\):(\w+)>")
"""A part of an address that is one of some words: the first of them, and its name."""


@pytest.fixture
def app(parts: AppParts) -> Flask:
    return create_app(parts)


def routes(app: Flask, audience: Audience) -> list[tuple[Rule, str, Guard]]:
    """Return every rule and method that is for this audience."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN_ENDPOINTS or rule.rule.startswith(API_PATH):
            continue
        guard = guard_of(app.view_functions[rule.endpoint])
        if guard is not None and guard.audience is audience:
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            found += [(rule, method, guard) for method in sorted(methods)]
    return found


def address(app: Flask, rule: Rule, **known: int) -> str:
    """Return an address of a rule; what is not known is a number nobody has."""
    arguments = {
        **dict.fromkeys(rule.arguments, UNKNOWN),
        **{name: first for first, name in ONE_OF.findall(rule.rule)},
        **{name: value for name, value in known.items() if name in rule.arguments},
    }
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, arguments)


def form_headers(client: FlaskClient) -> dict[str, str]:
    """Return the header that makes a request pass as one of our forms."""
    page = client.get("/staff/sign-in", follow_redirects=True).text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    return {"X-CSRFToken": token}


class TestRoutes:
    @pytest.mark.parametrize("role", list(Role))
    def test_refuse_a_role_that_has_no_such_permission(
        self,
        app: Flask,
        client: FlaskClient,
        database: Database,
        shop: Shop,
        role: Role,
    ) -> None:
        outcome = open_for(
            database, staff_id=shop.people[role].id, browser="", now=machine_now()
        )
        headers = form_headers(client)
        client.set_cookie("staff", outcome.token)

        opened = []
        for rule, method, guard in routes(app, Audience.STAFF):
            held = guard.permission is None or guard.permission in PERMISSIONS[role]
            foreign = "store_id" in rule.arguments
            if held and not foreign:
                continue
            path = address(app, rule, store_id=shop.elsewhere)
            status = client.open(path, method=method, headers=headers).status_code
            if status not in {403, 404}:
                opened.append(f"{method} {path}: {status}")

        assert opened == []

    @pytest.mark.parametrize("audience", [Audience.STAFF, Audience.CUSTOMER])
    @pytest.mark.usefixtures("shop")
    def test_send_strangers_away(
        self, app: Flask, client: FlaskClient, audience: Audience
    ) -> None:
        headers = form_headers(client)

        opened = []
        for rule, method, _guard in routes(app, audience):
            path = address(app, rule)
            answer = client.open(path, method=method, headers=headers)
            if answer.status_code != 303:
                opened.append(f"{method} {path}: {answer.status_code}")

        assert opened == []
        assert len(routes(app, audience)) > 3

    @pytest.mark.usefixtures("shop")
    def test_refuse_every_form_without_its_token(
        self, app: Flask, client: FlaskClient
    ) -> None:
        accepted = []
        for audience in (Audience.STAFF, Audience.CUSTOMER):
            for rule, method, _guard in routes(app, audience):
                if method != "GET":
                    status = client.open(address(app, rule), method=method).status_code
                    if status != 400:
                        accepted.append(f"{method} {rule}: {status}")

        assert accepted == []
