"""Turning failures into answers, in one place for pages and machines alike."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from flask import Flask, Response, current_app, make_response, request
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException

from loyalty.core.errors import (
    Forbidden,
    Invalid,
    LoyaltyError,
    NotFound,
    Problem,
    Refused,
)
from loyalty.core.texts import gettext as _
from loyalty.web.people import NobodySignedIn
from loyalty.web.protection import Forged
from loyalty.web.surface import is_htmx, redirect_to, render

STATUS_BY_KIND: Final[dict[type[LoyaltyError], HTTPStatus]] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Refused: HTTPStatus.CONFLICT,
    Forbidden: HTTPStatus.FORBIDDEN,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""The one mapping from kinds of failure to HTTP."""

SIGN_IN: Final = "/staff/sign-in"
WALLET_DOOR: Final = "/wallet/open"


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """What went wrong, for whoever words the answer."""

    status: HTTPStatus
    code: str
    message: str
    problems: tuple[Problem, ...] = ()
    cause: Exception | None = None


Answerer = Callable[[Failure], ResponseReturnValue]

_answerers: Final = "loyalty.answerers"


def install(app: Flask) -> None:
    """Answer every failure in the look of the surface that it happened on."""
    app.extensions[_answerers] = {}
    app.register_error_handler(LoyaltyError, _on_domain_failure)
    app.register_error_handler(NobodySignedIn, _on_nobody)
    app.register_error_handler(RedisError, _on_no_counter)
    app.register_error_handler(HTTPException, _on_http_failure)


def answer_below(app: Flask, path: str, answerer: Answerer) -> None:
    """Let failures below a path be worded by this function instead of a page."""
    app.extensions[_answerers][path] = answerer


def _on_domain_failure(error: LoyaltyError) -> ResponseReturnValue:
    status = next(
        (status for kind, status in STATUS_BY_KIND.items() if isinstance(error, kind)),
        HTTPStatus.CONFLICT,
    )
    problems = error.problems if isinstance(error, Invalid) else ()
    return _answer(
        Failure(
            status=status,
            code=error.code,
            message=str(error),
            problems=problems,
            cause=error,
        )
    )


def _on_http_failure(error: HTTPException) -> ResponseReturnValue:
    given = error.get_response()
    if given.status_code < HTTPStatus.BAD_REQUEST:
        # A redirect that routing asks for, such as one for a missing slash.
        return Response(given.get_data(), given.status_code, headers=given.headers)
    status = HTTPStatus(given.status_code)
    code = "csrf" if isinstance(error, Forged) else status.name.lower()
    answer = _answer(
        Failure(status=status, code=code, message=_say(status, code), cause=error)
    )
    return _keep_allow(answer, Response(headers=given.headers))


def _on_nobody(_error: NobodySignedIn) -> ResponseReturnValue:
    wallet = request.path.startswith("/wallet")
    door = WALLET_DOOR if wallet else SIGN_IN
    if request.method == "GET" and not is_htmx() and not wallet:
        return redirect_to(f"{door}?next={quote(request.path)}")
    return redirect_to(door)


def _on_no_counter(error: RedisError) -> ResponseReturnValue:
    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"
    return _answer(
        Failure(status=status, code=code, message=_say(status, code), cause=error)
    )


def _answer(failure: Failure) -> ResponseReturnValue:
    answerers: dict[str, Answerer] = current_app.extensions[_answerers]
    for path, answerer in answerers.items():
        if request.path.startswith(path):
            return answerer(failure)
    return render(
        "errors/fragment.html" if is_htmx() else "errors/page.html",
        status=failure.status,
        title=_title(failure.status),
        message=failure.message,
        problems=failure.problems,
        number=int(failure.status),
        home=_home(),
    )


def _keep_allow(answer: ResponseReturnValue, given: Response) -> Response:
    response = make_response(answer)
    for name in ("Allow", "Retry-After"):
        if name in given.headers:
            response.headers[name] = given.headers[name]
    return response


def _home() -> str:
    """Return the way out: the first page of the surface that failed."""
    for path in ("/wallet", "/till", "/admin"):
        if request.path.startswith(path):
            return path
    return "/"


def _title(status: HTTPStatus) -> str:
    titles = {
        HTTPStatus.NOT_FOUND: _("Nothing here"),
        HTTPStatus.FORBIDDEN: _("Not for you"),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("Too long"),
        HTTPStatus.TOO_MANY_REQUESTS: _("Too many attempts"),
        HTTPStatus.INTERNAL_SERVER_ERROR: _("Something broke"),
        HTTPStatus.SERVICE_UNAVAILABLE: _("Something broke"),
    }
    return titles.get(status, _("That did not work"))


def _say(status: HTTPStatus, code: str) -> str:
    if code == "csrf":
        return _(
            "This page was open for too long or in another sign-in. Go back, load it "
            "again and repeat your last step. Nothing was changed."
        )
    messages = {
        HTTPStatus.NOT_FOUND: _(
            "There is no page at this address. It may have moved or ended."
        ),
        HTTPStatus.METHOD_NOT_ALLOWED: _("This address does not take such a request."),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _(
            "What you sent is longer than 1 MB. Nothing was changed."
        ),
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: _("Send JSON: application/json."),
        HTTPStatus.TOO_MANY_REQUESTS: _("Wait some minutes, then try again."),
        HTTPStatus.SERVICE_UNAVAILABLE: _(
            "A part of the service is away. Try again in a minute."
        ),
        HTTPStatus.INTERNAL_SERVER_ERROR: _(
            "The mistake is ours and was noted. Try again in a minute."
        ),
    }
    return messages.get(
        status, _("The request could not be read. Nothing was changed.")
    )
