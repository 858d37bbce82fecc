"""Keys, scopes and problem answers below /api/."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_smorest import Blueprint  # type: ignore[import-untyped]  # it has no types
from marshmallow import Schema, fields
from sqlalchemy import select
from werkzeug.test import TestResponse

from loyalty.api import errors as api_errors
from loyalty.api.auth import caller, check_store, require_scope
from loyalty.api.errors import ProblemApi
from loyalty.core.clock import machine_now
from loyalty.core.database import Database
from loyalty.core.errors import Forbidden, Invalid, NotFound, Refused
from loyalty.staff.models import ApiKeyRow
from loyalty.staff.service.keys import make_key, revoke_key
from loyalty.staff.values import ApiScope
from loyalty.web import AppParts, install
from tests.integration.web.conftest import Shop

FAILURES = {
    "missing": NotFound("not here"),
    "refused": Refused("not now"),
    "forbidden": Forbidden("not you"),
    "invalid": Invalid.field("/a/0", "wrong", code="a_wrong"),
    "bug": RuntimeError("secret internals"),
}


class Line(Schema):
    quantity = fields.Integer(required=True, strict=True)


class Basket(Schema):
    lines = fields.List(fields.Nested(Line), required=True)


class Paging(Schema):
    limit = fields.Integer()


def quote(body: dict[str, object], query: dict[str, object]) -> dict[str, object]:
    return {"lines": len(body), "query": query, "label": caller().label}


def fail(name: str) -> str:
    raise FAILURES[name]


def store(store_id: int) -> dict[str, int]:
    check_store(store_id)
    return {"id": store_id}


def forgotten() -> str:
    return "nobody guards this"


@pytest.fixture
def app(parts: AppParts) -> Flask:
    app = Flask("machines", static_folder=None)
    app.config.update(API_TITLE="Test", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    install(app, parts)
    api_errors.install(app)
    blueprint = Blueprint("probes", __name__, url_prefix="/api/v1")

    # Called rather than written above the functions: the library has no types.
    takes_basket, takes_page = (
        blueprint.arguments(Basket),
        blueprint.arguments(Paging, location="query"),
    )
    guarded = require_scope("checkout:quote")
    blueprint.post("/quotes")(guarded(takes_basket(takes_page(quote))))
    blueprint.get("/failures/<name>")(guarded(fail))
    blueprint.get("/stores/<int:store_id>")(guarded(store))
    blueprint.get("/forgotten")(forgotten)
    ProblemApi(app).register_blueprint(blueprint)
    return app


@pytest.fixture
def key(database: Database, shop: Shop) -> str:
    with database.transaction() as session:
        return make_key(
            session,
            label="Till 3",
            scopes=[ApiScope.CHECKOUT_QUOTE],
            store_id=shop.here,
            actor="system",
            now=machine_now(),
        )


def post(client: FlaskClient, key: str, body: object, query: str = "") -> TestResponse:
    return client.post(
        f"/api/v1/quotes{query}",
        json=body,
        headers={"Authorization": f"Bearer {key}"},
    )


def get(client: FlaskClient, key: str, path: str) -> TestResponse:
    return client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {key}"})


def problem(answer: TestResponse) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == answer.status_code
    return answer.status_code, answer.json["code"]


class TestKeys:
    def test_open_what_their_scope_allows(self, client: FlaskClient, key: str) -> None:
        answer = post(client, key, {"lines": [{"quantity": 1}]})

        assert answer.status_code == 200
        assert answer.json == {"lines": 1, "query": {}, "label": "Till 3"}

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer a.b", "Basic a.b", "é"])
    def test_are_asked_for(self, client: FlaskClient, header: str) -> None:
        answer = client.post(
            "/api/v1/quotes", json={}, headers={"Authorization": header}
        )

        assert problem(answer) == (401, "key_refused")
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_need_the_right_secret(self, client: FlaskClient, key: str) -> None:
        assert problem(post(client, key[:-1], {})) == (401, "key_refused")
        prefix = key.partition(".")[0]
        assert problem(post(client, prefix, {})) == (401, "key_refused")
        assert problem(post(client, f"{prefix}.", {})) == (401, "key_refused")

    def test_open_nothing_else(
        self, client: FlaskClient, database: Database, key: str
    ) -> None:
        assert key
        with database.transaction() as session:
            other = make_key(
                session,
                label="Offers",
                scopes=[ApiScope.OFFERS_READ],
                store_id=None,
                actor="system",
                now=machine_now(),
            )

        answer = post(client, other, {})

        assert problem(answer) == (403, "scope_missing")

    def test_open_no_view_that_names_no_scope(
        self, client: FlaskClient, key: str
    ) -> None:
        assert problem(get(client, key, "/forgotten")) == (403, "scope_missing")

    def test_belong_to_their_store(
        self, client: FlaskClient, key: str, shop: Shop
    ) -> None:
        assert get(client, key, f"/stores/{shop.here}").status_code == 200
        elsewhere = get(client, key, f"/stores/{shop.elsewhere}")
        assert problem(elsewhere) == (403, "other_store")

    def test_are_dead_as_soon_as_they_are_revoked(
        self, client: FlaskClient, database: Database, key: str
    ) -> None:
        assert get(client, key, "/stores/1").status_code == 200
        with database.transaction() as session:
            row = session.scalars(select(ApiKeyRow)).one()
            revoke_key(session, key_id=row.id, actor="system", now=machine_now())

        assert problem(get(client, key, "/stores/1")) == (401, "key_refused")

    def test_are_stored_as_a_hash_only(self, database: Database, key: str) -> None:
        with database.transaction() as session:
            row = session.scalars(select(ApiKeyRow)).one()
            names = [column.name for column in ApiKeyRow.__table__.columns]
            stored = repr({name: getattr(row, name) for name in names})

        prefix, _, secret = key.partition(".")
        assert prefix in stored
        assert secret not in stored
        assert len(row.secret_hash) == 32

    def test_note_their_use_once_a_minute(
        self, client: FlaskClient, database: Database, key: str
    ) -> None:
        def last_used() -> object:
            with database.transaction() as session:
                return session.scalars(select(ApiKeyRow.last_used_at)).one()

        get(client, key, "/stores/1")
        first = last_used()
        get(client, key, "/stores/1")
        assert first is not None
        assert last_used() == first
        with database.transaction() as session:
            row = session.scalars(select(ApiKeyRow)).one()
            row.last_used_at = machine_now() - timedelta(minutes=2)
        get(client, key, "/stores/1")
        assert last_used() != first


class TestProblems:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("missing", (404, "not_found")),
            ("refused", (409, "refused")),
            ("forbidden", (403, "forbidden")),
            ("invalid", (422, "invalid")),
            ("bug", (500, "internal_server_error")),
        ],
    )
    def test_have_one_shape_for_every_kind(
        self, client: FlaskClient, key: str, name: str, expected: tuple[int, str]
    ) -> None:
        answer = get(client, key, f"/failures/{name}")

        assert problem(answer) == expected
        assert "secret" not in answer.text

    def test_name_the_field_of_a_domain_failure(
        self, client: FlaskClient, key: str
    ) -> None:
        answer = get(client, key, "/failures/invalid")

        assert answer.json is not None
        assert answer.json["problems"] == [
            {"pointer": "/a/0", "message": "wrong", "code": "a_wrong"}
        ]

    def test_point_to_every_field_that_the_schema_refuses(
        self, client: FlaskClient, key: str
    ) -> None:
        body = {"lines": [{"quantity": 1}, {"quantity": "2"}, {}], "a/b": 1}

        answer = post(client, key, body)

        assert problem(answer)[0] == 422
        assert answer.json is not None
        assert {(one["pointer"], one["code"]) for one in answer.json["problems"]} == {
            ("/lines/1/quantity", "invalid"),
            ("/lines/2/quantity", "required"),
            ("/a~1b", "unknown"),
        }
        query = post(client, key, {"lines": []}, "?limit=x")
        assert query.json is not None
        assert query.json["problems"][0]["pointer"] == "/query/limit"

    def test_answer_what_is_no_json(self, client: FlaskClient, key: str) -> None:
        def send(data: bytes, kind: str = "application/json") -> tuple[int, str]:
            return problem(
                client.post(
                    "/api/v1/quotes",
                    data=data,
                    content_type=kind,
                    headers={"Authorization": f"Bearer {key}"},
                )
            )

        assert send(b"{") == (400, "bad_request")
        assert send(b'{"lines": "\\u0000"}') == (400, "bad_request")
        assert send(b'{"lines": "\\ud800"}') == (400, "bad_request")
        assert send(b"a=1", "application/x-www-form-urlencoded") == (
            415,
            "unsupported_media_type",
        )
        assert send(b"x" * 10_000_000) == (413, "request_entity_too_large")

    def test_answer_wrong_addresses_and_methods(
        self, client: FlaskClient, key: str
    ) -> None:
        assert problem(get(client, key, "/nothing")) == (404, "not_found")
        answer = get(client, key, "/quotes")
        assert problem(answer) == (405, "method_not_allowed")
        assert "POST" in answer.headers["Allow"]
