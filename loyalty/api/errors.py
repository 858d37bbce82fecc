"""The API's answers to failures: problem details (RFC 9457), all of one shape.

``{"type", "title", "status", "detail", "code", "problems"}``: ``code`` is stable,
``detail`` is for people, and ``problems`` names every field at fault by a JSON
pointer into the body; what is wrong in the address or the headers is pointed to
below ``/query``, ``/path`` or ``/headers``.
"""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, abort, g, make_response, request
from flask.typing import ResponseReturnValue
from flask_smorest import Api  # type: ignore[import-untyped]  # it has no types
from marshmallow import Schema, fields, missing
from werkzeug.exceptions import HTTPException

from loyalty.api import auth
from loyalty.core.errors import Problem
from loyalty.web.errors import Failure, answer_below
from loyalty.web.guards import API_PATH

PROBLEM_JSON: Final = "application/problem+json"
_WHERE: Final = {
    "json": "",
    "query": "/query",
    "querystring": "/query",
    "headers": "/headers",
    "view_args": "/path",
    "path": "/path",
}


class FieldProblem(Schema):
    """One thing wrong with the request."""

    pointer = fields.String(required=True, metadata={"example": "/lines/0/quantity"})
    message = fields.String(required=True)
    code = fields.String(required=True)


class ProblemDetails(Schema):
    """What went wrong (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    problems = fields.List(fields.Nested(FieldProblem), required=True)


class ProblemApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """The library's API with our answers to failures, documented as they are."""

    ERROR_SCHEMA = ProblemDetails
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        # loyalty.web.errors answers for all surfaces, and asks us below /api/.
        pass

    def _register_responses(self) -> None:
        plain: str = Api.DEFAULT_RESPONSE_CONTENT_TYPE
        self.DEFAULT_RESPONSE_CONTENT_TYPE: str = PROBLEM_JSON
        super()._register_responses()
        self.DEFAULT_RESPONSE_CONTENT_TYPE = plain


def install(app: Flask) -> None:
    """Guard everything below ``/api/`` and answer its failures as problems.

    Call it after ``loyalty.web.install``.
    """
    answer_below(app, API_PATH, problem_answer)
    app.register_error_handler(auth.KeyRefused, _on_refused_key)
    app.before_request(auth.enforce)
    app.before_request(refuse_unreadable)


def problem_answer(failure: Failure) -> ResponseReturnValue:
    """Word a failure as problem details."""
    problems = failure.problems or tuple(_from_webargs(failure.cause))
    return problem_response(failure.status, failure.code, failure.message, problems)


def refuse_unreadable() -> None:
    """Answer 415 to what is not JSON, and 400 to what can't be read or stored."""
    if not request.path.startswith(API_PATH) or not request.get_data(cache=True):
        return
    if not request.is_json:
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    try:
        body = json.loads(request.get_data(cache=True))
        if _is_unstorable(body):
            abort(HTTPStatus.BAD_REQUEST)
    except (ValueError, RecursionError):
        # Not JSON, not UTF-8, a number of thousands of digits, or far too deep.
        abort(HTTPStatus.BAD_REQUEST)
    g.api_body = body


def read_json() -> object:
    """Return the request's body, which ``refuse_unreadable`` has read before."""
    return g.get("api_body", missing)


def _is_unstorable(body: object) -> bool:
    """Find what UTF-8 or PostgreSQL have no place for, wherever it stands."""
    waiting = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            value.encode()
            if "\0" in value:
                return True
        elif isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value
    return False


def _on_refused_key(error: auth.KeyRefused) -> ResponseReturnValue:
    response = problem_response(HTTPStatus.UNAUTHORIZED, error.code, str(error))
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def problem_response(
    status: HTTPStatus,
    code: str,
    detail: str,
    problems: tuple[Problem, ...] = (),
    **more: object,
) -> Response:
    """Answer with problem details; ``more`` are members of this problem alone."""
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
        "problems": [
            {"pointer": one.pointer, "message": one.message, "code": one.code}
            for one in problems
        ],
        **more,
    }
    response = make_response(json.dumps(body, ensure_ascii=False), status)
    response.content_type = PROBLEM_JSON
    return response


def _from_webargs(cause: Exception | None) -> Iterator[Problem]:
    given = getattr(cause, "data", None)
    if not isinstance(cause, HTTPException) or not isinstance(given, dict):
        return
    messages = given.get("messages")
    if not isinstance(messages, Mapping):
        return
    for place, found in messages.items():
        yield from _flatten(_WHERE.get(str(place), f"/{place}"), found)


def _flatten(pointer: str, found: object) -> Iterator[Problem]:
    if isinstance(found, Mapping):
        for key, inner in found.items():
            name = str(key).replace("~", "~0").replace("/", "~1")
            below = pointer if name == "_schema" else f"{pointer}/{name}"
            yield from _flatten(below, inner)
    elif isinstance(found, (list, tuple)):
        for inner in found:
            yield from _flatten(pointer, inner)
    else:
        yield Problem(pointer=pointer, message=str(found), code=_code(str(found)))


def _code(message: str) -> str:
    known = {
        "Missing data for required field.": "required",
        "Unknown field.": "unknown",
        "Field may not be null.": "null",
        "Invalid JSON body.": "json",
        "A card number has 16 digits.": "card_number_format",
    }
    return known.get(message, "invalid")


__all__ = [
    "PROBLEM_JSON",
    "FieldProblem",
    "ProblemApi",
    "ProblemDetails",
    "install",
    "problem_answer",
    "problem_response",
    "read_json",
    "refuse_unreadable",
]
