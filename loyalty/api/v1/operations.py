"""How an operation of the API is declared: one place for routes, guards and docs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeVar

from flask_smorest import Blueprint  # type: ignore[import-untyped]  # it has no types
from marshmallow import RAISE, Schema
from webargs.flaskparser import FlaskParser

from loyalty.api.auth import require_scope
from loyalty.api.errors import PROBLEM_JSON, read_json
from loyalty.staff.values import ApiScope

PREFIX: Final = "/api/v1"

View = TypeVar("View", bound=Callable[..., object])

_KEYED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_ALWAYS: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.TOO_MANY_REQUESTS)
_WITH_BODY: Final = (
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)


class StrictParser(FlaskParser):
    """Reads a body once, and refuses query parameters that nobody knows."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {
        "query": RAISE
    }

    def _raw_load_json(self, req: object) -> Any:  # noqa: ANN401 - webargs' own signature
        del req
        return read_json()


class Resource(Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """Operations that belong together, with strict reading of their input."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, __name__, url_prefix=PREFIX, description=description)


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One method of one address.

    The view is called with the body, the query and the headers, as far as declared,
    in this order, and with the parts of the address by name.
    """

    path: str
    scope: ApiScope | None
    """What the key must allow; None is open to everybody."""

    answer: type[Schema] | Mapping[str, object]
    """What it answers; JSON Schema where the view gives a response of its own."""

    media: str | None = None
    """What the answer is, when it is not JSON."""

    status: HTTPStatus = HTTPStatus.OK
    also: Mapping[HTTPStatus, type[Schema]] = field(default_factory=dict)
    """Further answers of success."""

    problems: Sequence[HTTPStatus] = ()
    """Failures beside those that every operation has."""

    refused: type[Schema] | None = None
    """What a 409 looks like when it says more than other problems."""

    body: type[Schema] | None = None
    query: type[Schema] | None = None
    headers: type[Schema] | None = None
    example: object = None
    """A body that is answered with success in the demo shop."""

    parameters: Sequence[Mapping[str, object]] = ()
    """What is to be said of the parts of the address."""

    doc: Mapping[str, object] = field(default_factory=dict)
    """OpenAPI's own words, added as they stand."""

    def failures(self) -> tuple[HTTPStatus, ...]:
        """Return every failure that the operation documents."""
        found = {*_ALWAYS, *self.problems}
        if self.scope is not None:
            found.update(_KEYED)
        if self.body is not None or "requestBody" in self.doc:
            found.update(_WITH_BODY)
        if self.query is not None or self.headers is not None:
            found.add(HTTPStatus.UNPROCESSABLE_ENTITY)
        return tuple(sorted(found))


def get(resource: Resource, operation: Operation) -> Callable[[View], View]:
    """Serve a GET."""
    return _serve(resource, "GET", operation)


def post(resource: Resource, operation: Operation) -> Callable[[View], View]:
    """Serve a POST."""
    return _serve(resource, "POST", operation)


def put(resource: Resource, operation: Operation) -> Callable[[View], View]:
    """Serve a PUT."""
    return _serve(resource, "PUT", operation)


def path_parameter(name: str, **schema: object) -> dict[str, object]:
    """Return what is said of a part of an address; ``example`` stands beside it."""
    description = schema.pop("description", "")
    example = schema.pop("example", None)
    said: dict[str, object] = {"in": "path", "name": name, "required": True}
    if description:
        said["description"] = description
    if example is not None:
        said["example"] = example
    return said | {"schema": schema}


def _serve(
    resource: Resource, method: str, operation: Operation
) -> Callable[[View], View]:
    def declare(view: View) -> View:
        served: Any = view
        if operation.scope is not None:
            served = require_scope(operation.scope)(served)
        for failure in operation.failures():
            served = resource.alt_response(failure, response=failure.name)(served)
        if operation.refused is not None:
            served = resource.alt_response(
                HTTPStatus.CONFLICT,
                schema=operation.refused,
                content_type=PROBLEM_JSON,
            )(served)
        for status, schema in operation.also.items():
            served = resource.alt_response(status, schema=schema, success=True)(served)
        answer = operation.answer
        served = resource.response(
            operation.status,
            dict(answer) if isinstance(answer, Mapping) else answer,
            content_type=operation.media,
        )(served)
        served = _reading(resource, operation, served)
        if operation.scope is None:
            served = resource.doc(security=[])(served)
        served = resource.doc(
            operationId=view.__name__,
            **({"x-scope": operation.scope.value} if operation.scope else {}),
            **operation.doc,
        )(served)
        resource.route(
            operation.path,
            methods=[method],
            parameters=[dict(said) for said in operation.parameters],
        )(served)
        return view

    return declare


def _reading(resource: Resource, operation: Operation, served: Any) -> Any:  # noqa: ANN401 - a view of any shape
    # The outermost reads first, and what it read comes first.
    if operation.headers is not None:
        served = resource.arguments(operation.headers, location="headers")(served)
    if operation.query is not None:
        served = resource.arguments(operation.query, location="query")(served)
    if operation.body is not None:
        example = {"example": operation.example} if operation.example else {}
        served = resource.arguments(operation.body, **example)(served)
    return served
