"""Reading pages and sending their forms as a browser does."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_TAGS = re.compile(r"<[^>]+>")


def send(
    client: FlaskClient, path: str, *, page: str = "/till/enrol", **values: str
) -> TestResponse:
    """Send a form with the token of a page, and follow where it leads."""
    return client.post(
        path, data=with_token(client, values, page=page), follow_redirects=True
    )


def with_token(
    client: FlaskClient, values: dict[str, str], *, page: str = "/till/enrol"
) -> dict[str, str]:
    """Add the token that forms of this browser carry."""
    found = _TOKEN.search(client.get(page).text)
    assert found is not None
    return {**values, "csrf_token": found[1]}


def hidden(response: TestResponse, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', response.text)
    assert found is not None
    return found[1]


def words(response: TestResponse) -> str:
    """Return the text of a page without its markup, on one line."""
    return " ".join(_TAGS.sub(" ", response.text).split())
