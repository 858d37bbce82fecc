"""Version 1 of the API: one module for each resource."""

from typing import Final

from flask import Flask

from loyalty.api import docs, errors
from loyalty.api.v1 import (
    backtests,
    cards,
    catalogue,
    checkout,
    codes,
    customers,
    giftcards,
    health,
    merges,
    preferences,
    promotions,
    rewards,
    sharing,
    tiers,
    webhooks,
)
from loyalty.api.v1.described import describe_field
from loyalty.api.v1.documents import promotion_schemas
from loyalty.api.v1.operations import PREFIX

_ABOUT: Final = """\
Everything that a till, a web shop or an app needs of the loyalty programme.

**Keys.** Send `Authorization: Bearer prefix.secret`. A key has scopes (each operation
names its own as `x-scope`) and may belong to one store, for which alone it then acts.

**Money** is a decimal text such as `"19.99"` with at most the decimals of its
currency; quantities are decimal texts too; moments carry their zone (RFC 3339).

**Failures** are problem details (RFC 9457): `code` is stable, and `problems` names
every field at fault by a JSON pointer into the body, or below `/query`, `/path` and
`/headers`. A refused request changes nothing.
"""


def register(app: Flask) -> None:
    """Serve the API, its OpenAPI document and the page that shows it.

    Call it after ``loyalty.web.install``.
    """
    app.config.update(
        API_TITLE="Loyalty",
        API_VERSION="1.0.0",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": _ABOUT},
            "security": [{"key": []}],
            "webhooks": webhooks.described_events(),
        },
    )
    errors.install(app)
    api = errors.ProblemApi(app)
    api.spec.components.security_scheme(
        "key", {"type": "http", "scheme": "bearer", "description": "prefix.secret"}
    )
    for name, schema in promotion_schemas().items():
        api.spec.components.schema(name, component=schema)
    api.ma_plugin.converter.add_attribute_function(describe_field)
    for module in (
        checkout,
        customers,
        cards,
        merges,
        giftcards,
        promotions,
        codes,
        backtests,
        catalogue,
        tiers,
        webhooks,
        rewards,
        sharing,
        health,
    ):
        api.register_blueprint(module.resource)
    app.register_blueprint(docs.blueprint)


__all__ = ["preferences", "register"]
