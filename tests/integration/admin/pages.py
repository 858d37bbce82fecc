"""Reading pages of the back office and sending their forms as a browser does."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Values = dict[str, str | list[str]]

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_TAGS = re.compile(r"<[^>]+>")


def send(client: FlaskClient, path: str, values: Values) -> TestResponse:
    """Send a form with this browser's token; don't follow where it leads."""
    found = _TOKEN.search(client.get("/admin").text)
    assert found is not None
    return client.post(path, data={**values, "csrf_token": found[1]})


def words(response: TestResponse) -> str:
    """Return the text of a page without its markup, on one line."""
    return " ".join(_TAGS.sub(" ", response.text).split())


def problem_of(response: TestResponse, name: str) -> str | None:
    """Return the problem that stands beside a field, if one does."""
    found = re.search(rf'id="f-{name}-problem">([^<]*)<', response.text)
    return found[1] if found else None


def typed_in(response: TestResponse, name: str) -> str | None:
    """Return what stands in a text field."""
    found = re.search(rf'name="{name}" type="[a-z]+" value="([^"]*)"', response.text)
    return found[1] if found else None
