"""Whether the API answers."""

from marshmallow import Schema

from loyalty.api.v1.answers import text
from loyalty.api.v1.operations import Operation, Resource, get
from loyalty.web.context import database

resource = Resource("Health", "Whether the API answers.")


class HealthAnswer(Schema):
    """Good news; there is no other answer."""

    status = text(metadata={"enum": ["ok"]})


@get(
    resource,
    Operation(path="/health", scope=None, answer=HealthAnswer),
)
def show_health() -> dict[str, str]:
    """Say that the API is there.

    Needs no key. It asks the database, so that an answer of 200 means that operations
    can be served.
    """
    with database().transaction() as session:
        session.connection()
    return {"status": "ok"}
