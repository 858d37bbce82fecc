"""Choosing the language of a request.

In this order: ``?lang=`` (kept in a cookie from then on), the cookie, the language
of who is signed in, what the browser accepts, English.
"""

from contextlib import AbstractContextManager
from typing import Final

from flask import Flask, Response, g, request

from loyalty.core.texts import DEFAULT_LANGUAGE, LANGUAGES, use_language
from loyalty.web.context import parts
from loyalty.web.people import customer_language, staff_language

COOKIE: Final = "lang"
_YEAR: Final = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Write every answer in the language chosen for its request."""
    app.before_request(_begin)
    app.after_request(_remember)
    app.teardown_request(_end)


def chosen_language() -> str:
    """Return the language for this request, one of ``LANGUAGES``."""
    wishes = (request.args.get("lang"), request.cookies.get(COOKIE))
    for wish in wishes:
        if wish in LANGUAGES:
            return wish
    known = staff_language() or customer_language()
    if known in LANGUAGES:
        return known
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT_LANGUAGE


def _begin() -> None:
    block: AbstractContextManager[None] = use_language(chosen_language())
    block.__enter__()
    g.language_block = block


def _remember(response: Response) -> Response:
    wish = request.args.get("lang")
    if wish in LANGUAGES:
        response.set_cookie(
            COOKIE,
            wish,
            max_age=_YEAR,
            httponly=True,
            samesite="Lax",
            secure=parts().secure_cookies,
        )
    return response


def _end(_problem: BaseException | None) -> None:
    block: AbstractContextManager[None] | None = g.pop("language_block", None)
    if block is not None:
        block.__exit__(None, None, None)
