"""No client sees another's messages, offers, consents or addresses, nor changes them.

Each route of the wallet, of links in messages, of providers' reports and of the API
stands in one of the tables of ``whose``.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import cycle
from typing import Final
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from loyalty import embedded
from loyalty.api.auth import scope_of_endpoint
from loyalty.app import create_app
from loyalty.core.clock import machine_now, utc_now
from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.core.vault import Vault
from loyalty.customers.values import Channel
from loyalty.staff.values import ApiScope
from loyalty.usecases.merge_customers import merge_customers, undo_merge
from loyalty.web import AppParts
from loyalty.web.context import InboundSecrets
from tests.architecture.test_routes import application, rules
from tests.integration.portal.others import (
    NAMES,
    VAULT,
    Other,
    World,
    add_other,
    links_of,
)
from tests.integration.portal.providers import REPORT_SECRET, SMS_TOKEN
from tests.integration.portal.whose import (
    ALL,
    LINKS,
    NAMED,
    OF_CUSTOMERS,
    OWN,
    REPORTS,
    SURFACES,
)
from tests.integration.till.pages import with_token
from tests.integration.till.shop import SYSTEM, set_up
from tests.servers import new_database

DOORS: Final = ("/wallet/open", "/wallet/sign-in")
NOBODYS: Final = 987_654_321
"""A number that nothing has."""

_PART: Final = re.compile(r"<(?:[^<>]*:)?(\w+)>")


@pytest.fixture(scope="module")
def world(servers: embedded.Servers) -> Iterator[World]:
    """Give one shop to all tests here: nothing they do changes the others."""
    with new_database(servers, f"loyalty_{uuid4().hex}") as url:
        engine = open_engine(url, pool_size=2)
        database = Database(engine, NoQueue(), VAULT)
        anna = set_up(database).anna
        others = {who: add_other(database, name) for who, name in NAMES.items()}
        stranger, merged, parted = (other.id for other in others.values())
        with database.transaction() as session:
            merge_customers(
                session, into=stranger, merged=merged, actor=SYSTEM, now=utc_now()
            )
            done = merge_customers(
                session, into=anna, merged=parted, actor=SYSTEM, now=utc_now()
            )
        with database.transaction() as session:
            undo_merge(session, merge_id=done.id, actor=SYSTEM, now=utc_now())
        parts = AppParts(
            database=database,
            vault=VAULT,
            redis_url="memory://",
            public_url="http://localhost",
            secure_cookies=False,
            channels=frozenset(Channel),
            inbound=InboundSecrets(
                sms_token=SMS_TOKEN, report_secret=REPORT_SECRET, telegram_bot="shopbot"
            ),
        )
        yield World(database=database, app=create_app(parts), anna=anna, others=others)
        engine.dispose()


@pytest.fixture(params=NAMES)
def other(request: pytest.FixtureRequest, world: World) -> Other:
    return world.others[request.param]


class TestEveryRoute:
    def test_says_whose_data_it_is_about(self) -> None:
        assert set(_routes()) == ALL

    def test_stands_in_one_table(self) -> None:
        tables = (OWN, NAMED, LINKS, REPORTS, OF_CUSTOMERS)
        assert sum(map(len, tables)) == len(set().union(*tables))


class TestTheOthers:
    def test_see_what_is_theirs(self, world: World) -> None:
        """Else the tests below would look for what is shown to nobody."""
        one = world.others["a stranger"]
        browser = world.browser(one.id)
        assert one.marks[0] in browser.get("/wallet").text
        for sentence in (one.marks[1], world.others["a merged record"].marks[1]):
            assert sentence in browser.get("/wallet/messages").text
        assert one.marks[2] in browser.get("/wallet/ways").text
        assert browser.get(f"/wallet/offers/{one.offer}").status_code == 200
        for route, (purpose, _status) in LINKS.items():
            if route.startswith("GET ") and purpose != "wallet":
                _get, path = _filled(route, token=links_of(one)[purpose])
                assert browser.get(path).status_code == 200


@pytest.mark.parametrize("route", OWN)
class TestAWallet:
    def test_is_about_its_own_customer(
        self, world: World, other: Other, route: str
    ) -> None:
        before = world.of_others()
        browser = world.browser(world.anna)
        form = {
            key: text.replace("{email}", other.email)
            for key, text in OWN[route].items()
        }
        foreign = {
            "customer": str(other.id),
            "customer_id": str(other.id),
            "after": str(other.message + 1),
        }
        answer = _call(browser, route, form, foreign, channel="telegram")
        assert answer.status_code < 500
        _shows_nothing(answer, other)
        assert world.of_others() == before

    def test_is_closed_to_strangers(self, world: World, route: str) -> None:
        before = world.of_others()
        machine = world.key(*ApiScope)
        method, path = _filled(route, channel="telegram")
        for headers in ({}, machine):
            answer = world.browser(None).open(path, method=method, headers=headers)
            assert answer.status_code in {303, 400}
            if answer.status_code == 303:
                assert answer.headers["Location"].startswith(DOORS)
        assert world.of_others() == before


@pytest.mark.parametrize("route", NAMED)
class TestANumberInAPath:
    def test_of_somebody_else_is_as_good_as_none(
        self, world: World, other: Other, route: str
    ) -> None:
        before = world.of_others()
        what, status = NAMED[route]
        theirs, none = (
            _call(world.browser(world.anna), route, {}, {}, **{f"{what}_id": number})
            for number in (getattr(other, what), NOBODYS)
        )
        assert (theirs.status_code, none.status_code) == (status, status)
        _shows_nothing(theirs, other)
        assert world.of_others() == before


@pytest.mark.parametrize("route", LINKS)
class TestALink:
    def test_that_is_not_signed_for_this_leads_nowhere(
        self, world: World, other: Other, route: str
    ) -> None:
        before = world.of_others()
        purpose, status = LINKS[route]
        good = links_of(other)
        own = good.pop(purpose, "x" * 43)
        wrong = [*good.values(), f"{own}A", own[:-4] + "AAAA", "A"]
        elsewhere = links_of(other, vault=Vault("another secret of 32 letters!!!!"))
        wrong.append(elsewhere.get(purpose, "y" * 43))
        browsers = cycle((world.browser(None), world.browser(world.anna)))
        for token, browser in zip(wrong, browsers, strict=False):
            answer = _call(browser, route, {}, {}, token=token)
            assert answer.status_code == status
            _shows_nothing(answer, other)
        assert world.of_others() == before


@pytest.mark.parametrize("route", sorted(REPORTS))
class TestAReport:
    def test_that_is_not_proved_is_refused(
        self, world: World, other: Other, route: str
    ) -> None:
        before = world.of_others()
        _post, path = _filled(route, key=other.key)
        said = {"To": other.email, "MessageStatus": "delivered", "key": other.key}
        forged = {
            "X-Twilio-Signature": "bm8=",
            "X-Telegram-Bot-Api-Secret-Token": "no",
            "webhook-id": "1",
            "webhook-timestamp": str(int(machine_now().timestamp())),
            "webhook-signature": "v1,bm8=",
            **world.key(*ApiScope),
        }
        for headers in ({}, forged):
            for browser in (world.browser(None), world.browser(world.anna)):
                for body in ({"data": said}, {"json": said}):
                    answer = browser.post(path, headers=headers, **body)
                    assert answer.status_code == 403
                    _shows_nothing(answer, other)
        assert world.of_others() == before


@pytest.mark.parametrize("route", sorted(route for route in ALL if "/api/v1/" in route))
def test_a_key_of_another_scope_is_refused(world: World, route: str) -> None:
    one = world.others["a stranger"]
    method, path = _filled(route, customer=one.id, key=one.key)
    needed = _routes()[route]
    narrow = world.key(*(scope for scope in ApiScope if scope is not needed))
    browser = world.browser(one.id)
    before = world.of_others()
    refused = browser.open(path, method=method, headers=narrow, json={})
    keyless = browser.open(path, method=method, json={})
    assert refused.json is not None
    assert (refused.status_code, refused.json["code"]) == (403, "scope_missing")
    assert keyless.status_code == 401
    _shows_nothing(refused, one)
    assert world.of_others() == before


@pytest.mark.parametrize("route", sorted(OF_CUSTOMERS))
def test_a_call_about_one_customer_shows_no_other(
    world: World, other: Other, route: str
) -> None:
    before = world.of_others()
    method, path = _filled(route, customer=world.anna, key=other.key)
    client, key = world.browser(None), world.key(*ApiScope)
    answer = client.open(path, method=method, headers=key, json={})
    assert answer.status_code == {"GET": 200, "POST": 404, "PUT": 422}[method]
    _shows_nothing(answer, other)
    unknown = path.replace(str(world.anna), str(NOBODYS))
    assert client.open(unknown, method=method, headers=key, json={}).status_code in {
        404,
        422,
    }
    assert world.of_others() == before


@cache
def _routes() -> dict[str, ApiScope | None]:
    """Return the routes of these surfaces, and the scope that each asks for."""

    def named(method: str, rule: Rule) -> str:
        path = _PART.sub(r"<\1>", rule.rule)
        return f"{method} {path}"

    with application().app_context():
        return {
            named(method, rule): scope_of_endpoint(rule.endpoint, method)
            for rule in rules()
            if rule.rule.startswith(SURFACES)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }


def _filled(route: str, **values: object) -> tuple[str, str]:
    """Return method and path, filled in; what is not given is nobody's."""
    filled = _PART.sub(lambda part: str(values.get(part[1], NOBODYS)), route)
    method, _, path = filled.partition(" ")
    return method, path


def _call(
    browser: FlaskClient,
    route: str,
    form: dict[str, str],
    query: dict[str, str],
    **values: object,
) -> TestResponse:
    """Call a route as a browser does, with the token of its forms."""
    method, path = _filled(route, **values)
    if method == "GET":
        return browser.get(path, query_string=query)
    page = "/wallet/preferences" if browser.get_cookie("wallet") else "/wallet/sign-in"
    data = with_token(browser, {**query, **form}, page=page)
    return browser.post(path, data=data, query_string=query)


def _shows_nothing(answer: TestResponse, other: Other) -> None:
    said = f"{answer.headers} {answer.data.decode(errors='replace')}"
    # A problem repeats the address that was asked for, and the name in it.
    shown = said.replace(answer.request.path, "").lower()
    for part in answer.request.path.lower().split("/"):
        shown = shown.replace(f"message {part} ", "")
    assert [mark for mark in other.marks if mark.lower() in shown] == []
