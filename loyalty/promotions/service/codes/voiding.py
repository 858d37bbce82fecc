"""Putting codes out of force."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.texts import gettext as _
from loyalty.promotions.models import CodeBatchRow
from loyalty.promotions.queries.codes import get_batch
from loyalty.promotions.service.codes.terms import WrongBatchState
from loyalty.promotions.values.codes import BatchID


def void_batch(
    session: Session, *, promotion: str, batch_id: BatchID, actor: str, now: datetime
) -> None:
    """
    Put all codes of a batch out of force, from the next basket on.

    :raises BatchNotFound: if the promotion has no such batch
    :raises WrongBatchState: if it is out of force already
    """
    get_batch(session, promotion=promotion, batch_id=batch_id)
    voided = session.scalar(
        update(CodeBatchRow)
        .where(CodeBatchRow.id == batch_id, CodeBatchRow.voided_at.is_(None))
        .values(voided_at=now, voided_by=actor)
        .returning(CodeBatchRow.id)
    )
    if voided is None:
        raise WrongBatchState(_("These codes are out of force already."))
    audit.record(
        session,
        now=now,
        actor=actor,
        action="codes.void",
        subject=f"promotion:{promotion}",
        after={"batch": batch_id},
    )
