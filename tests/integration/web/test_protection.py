"""Headers, CSRF, body limit and the answers to failures."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.integration.web.conftest import csrf_of

TEN_MB = b"x" * 10_000_000


class TestHeaders:
    @pytest.mark.parametrize("path", ["/token", "/nothing", "/staff/sign-in"])
    def test_come_with_every_answer(self, client: FlaskClient, path: str) -> None:
        headers = client.get(path).headers

        policy = headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in headers


class TestForms:
    def test_need_their_token_wherever_they_go(
        self, app: Flask, client: FlaskClient
    ) -> None:
        tried = 0
        for rule in app.url_map.iter_rules():
            for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
                if rule.rule == "/forms/exempt":
                    continue
                path = rule.rule.replace("<int:session_id>", "1")
                assert client.open(path, method=method).status_code == 400, path
                tried += 1
        assert tried >= 14

    def test_say_what_to_do_without_it(self, client: FlaskClient) -> None:
        answer = client.post("/forms/open")

        assert answer.status_code == 400
        assert "load it again" in answer.text

    def test_may_send_it_in_a_header(self, client: FlaskClient) -> None:
        headers = {"X-CSRFToken": csrf_of(client)}

        assert client.post("/forms/open", headers=headers).text == "accepted"

    def test_do_not_take_the_token_of_another_browser(
        self, app: Flask, client: FlaskClient
    ) -> None:
        other = csrf_of(app.test_client())
        csrf_of(client)

        answer = client.post("/forms/open", data={"csrf_token": other})

        assert answer.status_code == 400

    def test_may_be_declared_to_need_none(self, client: FlaskClient) -> None:
        assert client.post("/forms/exempt").text == "accepted"


class TestBodies:
    @pytest.mark.parametrize("path", ["/forms/open", "/staff/sign-in", "/nothing"])
    def test_of_ten_megabytes_are_refused(self, client: FlaskClient, path: str) -> None:
        answer = client.post(path, data=TEN_MB)

        assert answer.status_code == 413
        assert "longer than 1 MB" in answer.text

    def test_with_a_nul_are_refused(self, client: FlaskClient) -> None:
        form = {"csrf_token": csrf_of(client), "name": "a\0b"}

        assert client.post("/forms/open", data=form).status_code == 400
        assert client.get("/token?q=%00").status_code == 400
        assert client.get("/%00").status_code == 400


class TestFailures:
    def test_are_pages_that_show_the_way_out(self, client: FlaskClient) -> None:
        answer = client.get("/till/nothing")

        assert answer.status_code == 404
        assert 'href="/till"' in answer.text

    def test_are_fragments_for_htmx(self, client: FlaskClient) -> None:
        answer = client.get("/nothing", headers={"HX-Request": "true"})

        assert answer.status_code == 404
        assert "<html" not in answer.text
        assert 'class="notice tone-bad"' in answer.text

    def test_name_the_methods_that_work(self, client: FlaskClient) -> None:
        answer = client.get("/forms/open")

        assert answer.status_code == 405
        assert "POST" in answer.headers["Allow"]

    @pytest.mark.usefixtures("shop")
    def test_speak_the_language_of_the_reader(self, client: FlaskClient) -> None:
        asked = client.get("/nothing?lang=fa")
        kept = client.get("/nothing", headers={"Accept-Language": "pl"})
        other = client.get("/nothing?lang=xx")

        assert '<html lang="fa" dir="rtl">' in asked.text
        assert "۴۰۴" in kept.text
        assert '<html lang="fa" dir="rtl">' in other.text

    def test_leave_no_language_behind(self, app: Flask) -> None:
        app.test_client().get("/nothing?lang=fa")

        page = app.test_client().get("/nothing").text

        assert '<html lang="en" dir="ltr">' in page


@pytest.mark.usefixtures("shop")
class TestDoor:
    def test_escapes_what_was_typed(self, client: FlaskClient) -> None:
        answer = client.post(
            "/staff/sign-in",
            data={
                "email": '"><script>alert(1)</script>',
                "password": "",
                "csrf_token": csrf_of(client),
            },
        )

        assert answer.status_code == 422
        assert "<script>alert" not in answer.text
