"""Whether this process lives, and whether it can do its work."""

from http import HTTPStatus

from flask import Blueprint, Response, jsonify
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from loyalty.core.clock import machine_now
from loyalty.delivery.queries.figures import dispatcher_is_alive
from loyalty.web.context import database, parts
from loyalty.web.guards import open_to_all

blueprint = Blueprint("health", __name__)
_PATIENCE_SECONDS = 2
_OK, _AWAY, _OLD = "ok", "can't be reached", "not migrated"


@blueprint.get("/healthz")
@open_to_all("a supervisor asks it, and it tells nothing")
def healthz() -> Response:
    """Answer as long as the process does."""
    return jsonify(status=_OK)


@blueprint.get("/readyz")
@open_to_all("a load balancer asks it, and it names parts only")
def readyz() -> tuple[Response, HTTPStatus]:
    """
    Answer 503 while the database can't be used or the queue can't be reached.

    Without a living dispatcher the pages work and messages wait: that is called
    degraded, and no reason to take this process out of service.
    """
    schema, dispatcher = _ask_database()
    found = {"database": schema, "queue": _ask_queue(), "dispatcher": dispatcher}
    ready = found["database"] == found["queue"] == _OK
    status = "not ready"
    if ready:
        status = _OK if dispatcher == _OK else "degraded"
    missing = [part for part, state in found.items() if state != _OK]
    answer = jsonify(status=status, missing=missing, **found)
    return answer, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE


def _ask_database() -> tuple[str, str]:
    """Return how the database and the dispatcher are."""
    try:
        with database().transaction() as session:
            rows = session.scalars(text("select version_num from alembic_version"))
            present = set(rows)
            if not present or present & parts().monitoring.outdated:
                return _OLD, "not asked"
            alive = dispatcher_is_alive(session, machine_now=machine_now())
    except ProgrammingError:
        return _OLD, "not asked"
    except SQLAlchemyError:
        return _AWAY, "not asked"
    return _OK, _OK if alive else "silent"


def _ask_queue() -> str:
    address = parts().redis_url
    if address.startswith("memory:"):
        return _OK
    client = Redis.from_url(
        address,
        socket_timeout=_PATIENCE_SECONDS,
        socket_connect_timeout=_PATIENCE_SECONDS,
    )
    try:
        with client:
            client.ping()
    except RedisError:
        return _AWAY
    return _OK
