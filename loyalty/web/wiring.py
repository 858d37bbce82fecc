"""Equipping an application with everything its surfaces share."""

from flask import Blueprint, Flask

from loyalty.web import (
    account,
    errors,
    guards,
    language,
    metrics,
    protection,
    sign_in,
    templating,
)
from loyalty.web.context import AppParts, put_parts


def install(app: Flask, given: AppParts) -> None:
    """
    Set up parts, headers, CSRF, limits, errors, templates, guards and sign-in.

    Call it before the surfaces register their blueprints: what runs before a
    request runs in this order, and guards come last.
    """
    put_parts(app, given)
    metrics.install(app)
    errors.install(app)
    language.install(app)
    protection.install(app, given)
    guards.install(app)
    templating.install(app, given)
    app.register_blueprint(Blueprint("web", __name__, template_folder="templates"))
    app.register_blueprint(sign_in.blueprint)
    app.register_blueprint(account.blueprint)
    app.register_blueprint(metrics.blueprint)
