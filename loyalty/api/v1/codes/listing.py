"""Listing what was made."""

from http import HTTPStatus

from loyalty.api.v1.codes.schemas import (
    CODES,
    PROMOTION,
    BatchesAnswer,
    resource,
    write_batch,
)
from loyalty.api.v1.operations import Operation, get
from loyalty.promotions.queries import get_promotion
from loyalty.promotions.queries.codes import list_batches
from loyalty.staff.values import ApiScope
from loyalty.web.context import database


@get(
    resource,
    Operation(
        path=CODES,
        scope=ApiScope.PROMOTIONS_READ,
        answer=BatchesAnswer,
        problems=(HTTPStatus.NOT_FOUND,),
        parameters=[PROMOTION],
    ),
)
def list_the_batches(code: str) -> dict[str, object]:
    """List the codes of a promotion by batches.

    With how many were made and used. The codes themselves are not stored.
    """
    with database().transaction() as session:
        get_promotion(session, code=code)
        batches = list_batches(session, promotion=code)
    return {"batches": [write_batch(batch) for batch in batches]}
