"""Assets and texts as templates get them; no database is reached."""

import gzip
import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from loyalty.core.database import Database, open_engine
from loyalty.core.jobs import NoQueue
from loyalty.core.money import Money
from loyalty.core.vault import Vault
from loyalty.web import AppParts, install
from loyalty.web.guards import open_to_all
from loyalty.web.templating import asset


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    (tmp_path / "staff.0123456789.css").write_text("body{}" * 99, encoding="utf-8")
    (tmp_path / "secret.txt").write_text("not an asset", encoding="utf-8")
    manifest = {"staff.css": "staff.0123456789.css"}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    vault = Vault("a secret of at least 32 letters!")
    engine = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    app = Flask("templates", static_folder=None)
    install(
        app,
        AppParts(
            database=Database(engine, NoQueue(), vault),
            vault=vault,
            redis_url="memory://",
            public_url="https://shop.test",
            asset_dir=tmp_path,
        ),
    )

    @app.get("/plain")
    @open_to_all("a test's")
    def plain() -> str:
        return "plain"

    _ = plain
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def write(app: Flask, template: str, **values: object) -> str:
    with app.test_request_context():
        return app.jinja_env.from_string(template).render(values)


class TestAsset:
    def test_has_the_hash_in_its_name(self, app: Flask) -> None:
        with app.test_request_context():
            assert asset("staff.css") == "/assets/staff.0123456789.css"

    def test_may_be_kept_for_ever(self, client: FlaskClient) -> None:
        with client.get("/assets/staff.0123456789.css") as answer:
            headers = answer.headers

        assert answer.status_code == 200
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert headers["X-Content-Type-Options"] == "nosniff"

    def test_comes_compressed_to_who_can_read_it(self, client: FlaskClient) -> None:
        answer = client.get(
            "/assets/staff.0123456789.css", headers={"Accept-Encoding": "gzip"}
        )

        assert answer.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(answer.data) == b"body{}" * 99

    @pytest.mark.parametrize(
        "name", ["secret.txt", "manifest.json", "../secret.txt", "nothing.css"]
    )
    def test_is_only_what_was_built(self, client: FlaskClient, name: str) -> None:
        assert client.get(f"/assets/{name}").status_code == 404


class TestText:
    def test_is_escaped_where_a_value_is_filled_in(self, app: Flask) -> None:
        text = write(app, "{{ _('Hello %(name)s', name=who) }}", who="<b>")

        assert text == "Hello &lt;b&gt;"

    def test_counts_with_the_number_written_out(self, app: Flask) -> None:
        template = (
            "{{ ngettext('%(n)s point of %(who)s', '%(n)s points of %(who)s', n,"
            " who='<i>') }}"
        )

        assert write(app, template, n=1) == "1 point of &lt;i&gt;"
        assert write(app, template, n=1240) == "1,240 points of &lt;i&gt;"

    def test_may_stand_in_a_trans_block(self, app: Flask) -> None:
        template = (
            "{% trans n=count %}{{ n }} card{% pluralize %}{{ n }} cards{% endtrans %}"
        )

        assert write(app, template, count=2000) == "2,000 cards"

    def test_formats_by_filters(self, app: Flask) -> None:
        template = "{{ price|money }} {{ share|percent }}"
        values = {"price": Money(amount=490, currency="EUR"), "share": 0.2}

        assert write(app, template, **values) == "€4.90 20%"

    def test_that_is_missing_is_a_mistake(self, app: Flask) -> None:
        with pytest.raises(Exception, match="'nothing' is undefined"):
            write(app, "{{ nothing }}")


class TestTransport:
    def test_is_held_to_https_where_cookies_are(self, client: FlaskClient) -> None:
        answer = client.get("/plain")

        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


class TestPageWithoutDatabase:
    def test_says_so_and_nothing_more(self, client: FlaskClient) -> None:
        answer = client.get("/nothing")

        assert answer.status_code == 404
        assert "Loyalty" in answer.text
