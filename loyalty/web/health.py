"""Whether this process lives, and whether it can do its work."""

from http import HTTPStatus

from flask import Blueprint, Response, jsonify
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from loyalty.web.context import database, parts
from loyalty.web.guards import open_to_all

blueprint = Blueprint("health", __name__)
_PATIENCE_SECONDS = 2


@blueprint.get("/healthz")
@open_to_all("a supervisor asks it, and it tells nothing")
def healthz() -> Response:
    """Answer as long as the process does."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@open_to_all("a load balancer asks it, and it names parts only")
def readyz() -> tuple[Response, HTTPStatus]:
    """Answer 503 while the database or the queue can't be reached."""
    found = {"database": _database_answers(), "queue": _queue_answers()}
    ready = all(found.values())
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return jsonify(status="ok" if ready else "not ready", **found), status


def _database_answers() -> bool:
    try:
        with database().transaction() as session:
            session.execute(text("select 1"))
    except SQLAlchemyError:
        return False
    return True


def _queue_answers() -> bool:
    address = parts().redis_url
    if address.startswith("memory:"):
        return True
    client = Redis.from_url(address, socket_timeout=_PATIENCE_SECONDS)
    try:
        with client:
            return bool(client.ping())
    except RedisError:
        return False
