"""Endpoints."""

from http import HTTPStatus
from typing import Final

from loyalty.api.auth import caller, check_everywhere
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.operations import Operation, get, post, put
from loyalty.api.v1.webhooks.schemas import (
    NUMBER,
    ONE,
    WebhookAnswer,
    WebhookRequest,
    WebhooksAnswer,
    WebhookSecretAnswer,
    endpoint_document,
    resource,
)
from loyalty.core.clock import machine_now
from loyalty.staff.values import ApiScope
from loyalty.web.context import database, parts
from loyalty.webhooks import service as webhooks
from loyalty.webhooks.queries import get_endpoint, health_of, list_endpoints
from loyalty.webhooks.values import EndpointID, EndpointTerms, EventType

_SCOPE: Final = ApiScope.WEBHOOKS_MANAGE
_MISSING: Final = (HTTPStatus.NOT_FOUND,)
_EXAMPLE: Final = {
    "url": "https://hooks.example.org/loyalty",
    "description": "ERP",
    "events": ["purchase.recorded", "points.changed"],
}


@get(resource, Operation(path="/webhooks", scope=_SCOPE, answer=WebhooksAnswer))
def list_webhooks() -> dict[str, object]:
    """Return every endpoint and how it does.

    Without their secrets.
    """
    check_everywhere()
    with database().transaction() as session:
        health = health_of(session)
        found = [
            endpoint_document(one, health[one.id]) for one in list_endpoints(session)
        ]
    return {"webhooks": found}


@post(
    resource,
    Operation(
        path="/webhooks",
        scope=_SCOPE,
        body=WebhookRequest,
        example=_EXAMPLE,
        answer=WebhookSecretAnswer,
        status=HTTPStatus.CREATED,
        problems=(HTTPStatus.CONFLICT,),
    ),
)
def add_a_webhook(body: Body) -> tuple[dict[str, object], HTTPStatus]:
    """Add an endpoint.

    It is sent to from now on. The secret that signs is answered this once.
    """
    check_everywhere()
    with database().transaction() as session:
        made = webhooks.create_endpoint(
            session,
            terms=_terms(body),
            allow_private=parts().webhook_allow_private,
            actor=caller().actor,
            now=machine_now(),
        )
    return {"webhook": made.endpoint_id, "secret": made.secret}, HTTPStatus.CREATED


@get(
    resource,
    Operation(
        path=ONE,
        scope=_SCOPE,
        answer=WebhookAnswer,
        problems=_MISSING,
        parameters=[NUMBER],
    ),
)
def show_a_webhook(webhook: int) -> dict[str, object]:
    """Return one endpoint and how it does.

    Without its secret.
    """
    check_everywhere()
    return _shown(EndpointID(webhook))


@put(
    resource,
    Operation(
        path=f"{ONE}/settings",
        scope=_SCOPE,
        body=WebhookRequest,
        example=_EXAMPLE,
        answer=WebhookAnswer,
        problems=_MISSING,
        parameters=[NUMBER],
    ),
)
def revise_a_webhook(body: Body, webhook: int) -> dict[str, object]:
    """Change an endpoint.

    What waits goes to the new address.
    """
    check_everywhere()
    with database().transaction() as session:
        webhooks.revise_endpoint(
            session,
            endpoint_id=EndpointID(webhook),
            terms=_terms(body),
            allow_private=parts().webhook_allow_private,
            actor=caller().actor,
            now=machine_now(),
        )
    return _shown(EndpointID(webhook))


def _verb(name: str) -> Operation:
    return Operation(
        path=f"{ONE}/{name}",
        scope=_SCOPE,
        answer=WebhookAnswer,
        problems=_MISSING,
        parameters=[NUMBER],
    )


@post(resource, _verb("pause"))
def pause_a_webhook(webhook: int) -> dict[str, object]:
    """Send nothing for now.

    What happens meanwhile waits.
    """
    check_everywhere()
    with database().transaction() as session:
        webhooks.pause(
            session,
            endpoint_id=EndpointID(webhook),
            actor=caller().actor,
            now=machine_now(),
        )
    return _shown(EndpointID(webhook))


@post(resource, _verb("resume"))
def resume_a_webhook(webhook: int) -> dict[str, object]:
    """Send again, beginning with what waits.

    After a pause, or when it was disabled.
    """
    check_everywhere()
    with database().transaction() as session:
        webhooks.resume(
            session,
            endpoint_id=EndpointID(webhook),
            actor=caller().actor,
            now=machine_now(),
        )
    return _shown(EndpointID(webhook))


@post(resource, _verb("disable"))
def disable_a_webhook(webhook: int) -> dict[str, object]:
    """Send nothing any more.

    Nothing of what happens from now on is kept for it, either.
    """
    check_everywhere()
    with database().transaction() as session:
        webhooks.disable(
            session,
            endpoint_id=EndpointID(webhook),
            actor=caller().actor,
            now=machine_now(),
        )
    return _shown(EndpointID(webhook))


@post(resource, _verb("ping"))
def ping_a_webhook(webhook: int) -> dict[str, object]:
    """Send a test event.

    It is signed and logged like every other.
    """
    check_everywhere()
    with database().transaction() as session:
        webhooks.ping(
            session,
            endpoint_id=EndpointID(webhook),
            actor=caller().actor,
            now=machine_now(),
        )
    return _shown(EndpointID(webhook))


@post(
    resource,
    Operation(
        path=f"{ONE}/rotate",
        scope=_SCOPE,
        answer=WebhookSecretAnswer,
        problems=_MISSING,
        parameters=[NUMBER],
    ),
)
def rotate_a_secret(webhook: int) -> dict[str, object]:
    """Make another secret.

    For 24 hours both sign.
    """
    check_everywhere()
    with database().transaction() as session:
        made = webhooks.rotate_secret(
            session,
            endpoint_id=EndpointID(webhook),
            actor=caller().actor,
            now=machine_now(),
        )
    return {"webhook": made.endpoint_id, "secret": made.secret}


def _terms(body: Body) -> EndpointTerms:
    return EndpointTerms(
        url=body["url"],
        description=body["description"],
        events=frozenset(EventType(name) for name in body["events"]),
    )


def _shown(endpoint_id: EndpointID) -> dict[str, object]:
    with database().transaction() as session:
        found = get_endpoint(session, endpoint_id=endpoint_id)
        return endpoint_document(found, health_of(session)[endpoint_id])
