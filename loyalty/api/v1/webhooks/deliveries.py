"""What was sent, and sending it again."""

from http import HTTPStatus
from typing import Final

from loyalty.api.auth import caller, check_everywhere
from loyalty.api.v1.baskets import Body
from loyalty.api.v1.operations import Operation, get, post
from loyalty.api.v1.webhooks.schemas import (
    DELIVERY,
    DELIVERY_NUMBER,
    NUMBER,
    ONE,
    DeliveriesQuery,
    SinceRequest,
    WebhookCountAnswer,
    WebhookDeliveriesAnswer,
    WebhookDeliveryAnswer,
    WebhookStoryAnswer,
    attempt_document,
    delivery_document,
    resource,
)
from loyalty.core.clock import machine_now
from loyalty.staff.values import ApiScope
from loyalty.web.context import database
from loyalty.webhooks import service as webhooks
from loyalty.webhooks.queries import (
    get_delivery,
    get_endpoint,
    list_attempts,
    list_deliveries,
)
from loyalty.webhooks.values import DeliveryID, DeliveryState, EndpointID

_SCOPE: Final = ApiScope.WEBHOOKS_MANAGE
_MISSING: Final = (HTTPStatus.NOT_FOUND,)


@get(
    resource,
    Operation(
        path=f"{ONE}/deliveries",
        scope=_SCOPE,
        query=DeliveriesQuery,
        answer=WebhookDeliveriesAnswer,
        problems=_MISSING,
        parameters=[NUMBER],
    ),
)
def list_webhook_deliveries(query: Body, webhook: int) -> dict[str, object]:
    """Return what was sent to an endpoint, the latest first.

    With the state of each and when it is tried next.
    """
    check_everywhere()
    state = query["state"]
    with database().transaction() as session:
        found = get_endpoint(session, endpoint_id=EndpointID(webhook))
        page = list_deliveries(
            session,
            endpoint_id=found.id,
            state=None if state is None else DeliveryState(state),
            cursor=None if query["before"] is None else str(query["before"]),
        )
    return {
        "deliveries": [delivery_document(one) for one in page.items],
        "next_before": page.next_cursor and int(page.next_cursor),
    }


@get(
    resource,
    Operation(
        path=DELIVERY,
        scope=_SCOPE,
        answer=WebhookStoryAnswer,
        problems=_MISSING,
        parameters=[DELIVERY_NUMBER],
    ),
)
def show_a_webhook_delivery(delivery: int) -> dict[str, object]:
    """Return a delivery with what was sent and answered.

    One entry for each attempt.
    """
    check_everywhere()
    delivery_id = DeliveryID(delivery)
    with database().transaction() as session:
        found = get_delivery(session, delivery_id=delivery_id)
        log = list_attempts(session, delivery_id=delivery_id)
    return {
        **delivery_document(found),
        "body": found.body,
        "log": [attempt_document(one) for one in log],
    }


@post(
    resource,
    Operation(
        path=f"{DELIVERY}/replay",
        scope=_SCOPE,
        answer=WebhookDeliveryAnswer,
        problems=(*_MISSING, HTTPStatus.CONFLICT),
        parameters=[DELIVERY_NUMBER],
    ),
)
def replay_a_webhook_delivery(delivery: int) -> dict[str, object]:
    """Send a delivery again.

    At once, with the same identifier and the same bytes.
    """
    check_everywhere()
    delivery_id = DeliveryID(delivery)
    with database().transaction() as session:
        webhooks.replay(
            session, delivery_id=delivery_id, actor=caller().actor, now=machine_now()
        )
        return delivery_document(get_delivery(session, delivery_id=delivery_id))


@post(
    resource,
    Operation(
        path=f"{ONE}/replay",
        scope=_SCOPE,
        body=SinceRequest,
        example={"since": "2026-11-20T00:00:00+01:00"},
        answer=WebhookCountAnswer,
        problems=_MISSING,
        parameters=[NUMBER],
    ),
)
def replay_what_failed(body: Body, webhook: int) -> dict[str, object]:
    """Send everything again that was given up since a moment.

    With the same identifiers and bodies, so that a receiver knows what it has had.
    """
    check_everywhere()
    with database().transaction() as session:
        count = webhooks.replay_failed(
            session,
            endpoint_id=EndpointID(webhook),
            since=body["since"],
            actor=caller().actor,
            now=machine_now(),
        )
    return {"deliveries": count}
