"""``/metrics``, for whoever has its token or asks from this machine."""

import hmac
from http import HTTPStatus
from ipaddress import ip_address

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from loyalty.web.context import parts
from loyalty.web.guards import open_to_all
from loyalty.web.metrics import requests
from loyalty.web.metrics.deliveries import DeliveryCollector
from loyalty.web.metrics.jobs import JobCollector

blueprint = Blueprint("metrics", __name__)

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


@blueprint.get("/metrics")
@open_to_all("it asks for a token of its own, or for the loopback, and names nobody")
def metrics() -> Response:
    """Tell all figures in Prometheus' text format; 404 while it is switched off."""
    given = parts().monitoring
    if not _is_allowed():
        if given.token is None:
            return Response("Not here.\n", HTTPStatus.NOT_FOUND, mimetype="text/plain")
        return Response(
            "Send the token of LOYALTY_METRICS_TOKEN as a bearer token.\n",
            HTTPStatus.UNAUTHORIZED,
            {"WWW-Authenticate": 'Bearer realm="metrics"'},
            mimetype="text/plain",
        )
    asked = CollectorRegistry()
    asked.register(DeliveryCollector(parts().database))
    asked.register(JobCollector(given.jobs))
    told = generate_latest(requests.registry()) + generate_latest(asked)
    return Response(told, content_type=CONTENT_TYPE_LATEST)


def _is_allowed() -> bool:
    given = parts().monitoring
    if given.on_loopback and _comes_from_here():
        return True
    if given.token is None:
        return False
    scheme, _space, sent = request.headers.get("Authorization", "").partition(" ")
    same = hmac.compare_digest(sent.strip().encode(), given.token.encode())
    return scheme.lower() == "bearer" and same


def _comes_from_here() -> bool:
    """Test whether this machine asks, and not a proxy on it for somebody else."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
