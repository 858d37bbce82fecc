"""Putting codes out of force."""

from loyalty.api.auth import caller, check_everywhere
from loyalty.api.v1.codes.schemas import (
    BATCH,
    CODES,
    CONFLICTS,
    PROMOTION,
    BatchAnswer,
    resource,
    write_batch,
)
from loyalty.api.v1.fields import LARGEST_ID
from loyalty.api.v1.operations import Operation, post
from loyalty.core.clock import utc_now
from loyalty.promotions.queries.codes import get_batch
from loyalty.promotions.service.codes import (
    void_batch,
)
from loyalty.promotions.values.codes import (
    BatchID,
)
from loyalty.staff.values import ApiScope
from loyalty.web.context import database


@post(
    resource,
    Operation(
        path=f"{CODES}/<int(min=1, max={LARGEST_ID}):batch>/void",
        scope=ApiScope.PROMOTIONS_WRITE,
        answer=BatchAnswer,
        problems=CONFLICTS,
        parameters=[PROMOTION, BATCH],
    ),
)
def void_a_batch(code: str, batch: int) -> dict[str, object]:
    """Put all codes of a batch out of force.

    From the next basket on; a reserved quote keeps its code. It can't be undone.
    """
    check_everywhere()
    with database().transaction() as session:
        void_batch(
            session,
            promotion=code,
            batch_id=BatchID(batch),
            actor=caller().actor,
            now=utc_now(),
        )
        found = get_batch(session, promotion=code, batch_id=BatchID(batch))
    return write_batch(found)
