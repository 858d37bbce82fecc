"""What protects every request: headers, body limit, CSRF tokens, counted attempts."""

import logging
from typing import Final

from flask import Flask, Response, abort, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import (  # type: ignore[import-untyped]  # it has no types
    CSRFError,
    CSRFProtect,
)
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix

from loyalty.web.context import AppParts
from loyalty.web.guards import API_PATH, is_csrf_exempt

MAX_BODY: Final = 1024 * 1024
"""The longest body that is read, in bytes."""

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)

_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cache-Control": "no-store",
}

limiter = Limiter(get_remote_address, headers_enabled=False, key_prefix="limit")
"""Counts attempts on Valkey. Only what must be slowed down names a limit; when
Valkey is away those views refuse (503) and all others work on."""

_csrf = CSRFProtect()

Forged: type[BadRequest] = CSRFError
"""An unsafe request without the token that its page was given."""


def install(app: Flask, given: AppParts) -> None:
    """Protect every view of the application."""
    app.config.update(
        SECRET_KEY=given.vault.derive("flask session").hex(),
        SESSION_COOKIE_NAME="page",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=given.secure_cookies,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_STORAGE_URI=given.redis_url,
        RATELIMIT_STORAGE_OPTIONS=_storage_options(given.redis_url),
    )
    if given.trusted_proxies:
        count = given.trusted_proxies
        proxied = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)
        app.wsgi_app = proxied  # type: ignore[method-assign]  # Flask's own recipe
    app.before_request(_refuse_long_bodies)
    app.before_request(_refuse_unreadable)
    _csrf.init_app(app)
    app.before_request(_refuse_forged)
    limiter.init_app(app)
    app.after_request(_set_headers)
    if given.secure_cookies:
        app.after_request(_set_transport_security)
    # The extension logs at WARNING each time somebody is slowed down.
    logging.getLogger("flask-limiter").setLevel(logging.ERROR)


def _refuse_long_bodies() -> None:
    if (request.content_length or 0) > MAX_BODY:
        abort(413)


def _refuse_unreadable() -> None:
    # PostgreSQL stores no NUL in texts, so one anywhere is a mistake or an attack.
    texts = [request.path, *request.args.values()]
    # The API takes no forms, and reads and judges its bodies itself.
    if not request.path.startswith(API_PATH):
        texts += request.form.values()
    if any("\0" in text for text in texts):
        abort(400)


def _refuse_forged() -> None:
    endpoint = request.endpoint
    if endpoint is None or request.path.startswith(API_PATH):
        return
    if not is_csrf_exempt(endpoint):
        _csrf.protect()


def _set_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _set_transport_security(response: Response) -> Response:
    response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _storage_options(url: str) -> dict[str, float]:
    if url.startswith("memory:"):
        return {}
    return {"socket_connect_timeout": 1.0, "socket_timeout": 1.0}
