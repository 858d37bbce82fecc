"""The application factory: the only module that knows every surface."""

from flask import Flask

from loyalty import admin, inbound, portal, till, web
from loyalty.api import v1 as api
from loyalty.web import doors, health
from loyalty.web.context import AppParts


def create_app(parts: AppParts) -> Flask:
    """Build the web application from the parts it is given."""
    app = Flask("loyalty", static_folder=None)
    web.install(app, parts)
    for surface in (till, portal, admin, inbound):
        app.register_blueprint(surface.blueprint)
    app.register_blueprint(health.blueprint)
    api.register(app)
    doors.install(app, parts)
    return app
