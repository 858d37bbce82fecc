"""Writing promotions, and moving them through their life."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Refused
from loyalty.promotions import queries
from loyalty.promotions.models import PromotionRow, VersionRow
from loyalty.promotions.schema import dump_promotion, load_promotion
from loyalty.promotions.service.claiming import recount
from loyalty.promotions.values.states import PromotionState
from loyalty.stores.queries import get_programme

_MOVES: Mapping[PromotionState, frozenset[PromotionState]] = {
    PromotionState.ACTIVE: frozenset({PromotionState.DRAFT, PromotionState.PAUSED}),
    PromotionState.PAUSED: frozenset({PromotionState.ACTIVE}),
    PromotionState.ENDED: frozenset(
        {PromotionState.DRAFT, PromotionState.ACTIVE, PromotionState.PAUSED}
    ),
}
"""From which states a promotion may come into each."""


class PromotionExists(Refused):
    """Another promotion has this code."""

    code = "promotion_exists"


class WrongState(Refused):
    """The promotion is not in a state from which this is possible."""

    code = "promotion_state"


def create(
    session: Session, *, document: object, actor: str, now: datetime
) -> PromotionRow:
    """
    Check a document and keep it as a draft.

    :raises Invalid: naming every field at fault
    :raises PromotionExists: if the code is taken
    """
    promotion = load_promotion(document, currency=get_programme(session).currency)
    row: PromotionRow | None = session.scalar(
        insert(PromotionRow)
        .values(
            code=promotion.code,
            state=PromotionState.DRAFT,
            version=1,
            created_at=now,
            created_by=actor,
            changed_at=now,
        )
        .on_conflict_do_nothing(index_elements=[PromotionRow.code])
        .returning(PromotionRow)
    )
    if row is None:
        message = f"There is a promotion {promotion.code!r} already."
        raise PromotionExists(message)
    _add_version(session, row, dump_promotion(promotion), actor=actor, now=now)
    return row


def revise(
    session: Session, *, code: str, document: object, actor: str, now: datetime
) -> PromotionRow:
    """
    Make a new version; what was priced keeps the version it was priced with.

    :raises Invalid: naming every field at fault, or if the code is another
    :raises WrongState: if the promotion has ended
    """
    row = queries.get_row(session, code=code, lock=True)
    promotion = load_promotion(document, currency=get_programme(session).currency)
    if row.state is PromotionState.ENDED:
        message = f"The promotion {code!r} has ended: copy it under a new code."
        raise WrongState(message)
    if promotion.code != code:
        message = f"The code can't change: it is {code!r}."
        raise PromotionExists(message)
    row.version += 1
    row.changed_at = now
    _add_version(session, row, dump_promotion(promotion), actor=actor, now=now)
    recount(session, promotion_id=row.id)
    return row


def move(
    session: Session, *, code: str, to: PromotionState, actor: str, now: datetime
) -> PromotionRow:
    """
    Activate, pause or end a promotion.

    :raises WrongState: if that is not possible from where it stands
    """
    row = queries.get_row(session, code=code, lock=True)
    if row.state not in _MOVES.get(to, frozenset()):
        message = (
            f"The promotion {code!r} is {row.state.value}; it can't be {to.value}."
        )
        raise WrongState(message)
    before, row.state = row.state, to
    row.changed_at = now
    if to is PromotionState.ACTIVE:
        row.activated_at = row.activated_at or now
    audit.record(
        session,
        now=now,
        actor=actor,
        action=f"promotion.{to.value}",
        subject=f"promotion:{code}",
        before={"state": before.value},
        after={"state": to.value},
    )
    return row


def _add_version(
    session: Session,
    row: PromotionRow,
    document: dict[str, object],
    *,
    actor: str,
    now: datetime,
) -> None:
    session.add(
        VersionRow(
            promotion_id=row.id,
            version=row.version,
            document=document,
            at=now,
            actor=actor,
        )
    )
    audit.record(
        session,
        now=now,
        actor=actor,
        action="promotion.save",
        subject=f"promotion:{row.code}",
        after={"version": row.version},
    )
    session.flush()
