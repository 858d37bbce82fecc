"""The few things that every page does: render, redirect, ask what kind of request."""

from http import HTTPStatus

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse


def is_htmx() -> bool:
    """Test whether the answer will be swapped into a page that is open already."""
    return (
        request.headers.get("HX-Request") == "true"
        and "HX-Boosted" not in request.headers
    )


def render(
    template: str, /, *, status: int = HTTPStatus.OK, **values: object
) -> Response:
    """Render a template with plain values, in the language of the request."""
    return make_response(render_template(template, **values), status)


def redirect_to(address: str) -> AnyResponse:
    """Send the browser to another page of ours after a form was accepted."""
    if is_htmx():
        response = make_response("", HTTPStatus.OK)
        response.headers["HX-Redirect"] = address
        return response
    return redirect(address, HTTPStatus.SEE_OTHER)


def safe_next(address: str | None, *, otherwise: str) -> str:
    """Return an address of ours to go on to; anything else gives ``otherwise``."""
    if not address or not address.startswith("/") or address[1:2] in {"/", "\\"}:
        return otherwise
    return address if address.isprintable() else otherwise
