"""Letting a promotion run when nothing stands against it."""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.promotions.queries import get_row
from loyalty.promotions.service import move
from loyalty.promotions.values.findings import Finding, Severity
from loyalty.promotions.values.states import PromotionState
from loyalty.usecases.check_promotion.checking import findings_of


class FindingsStand(Refused):
    """The check found errors, or warnings that nobody has said are meant."""

    code = "promotion_findings"

    def __init__(self, message: str, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__(message)


def activate_promotion(
    session: Session,
    *,
    code: str,
    acknowledged: Collection[str],
    actor: str,
    now: datetime,
    time_is_up: Callable[[], bool],
) -> tuple[Finding, ...]:
    """
    Let a promotion apply from now on; return what the check found.

    :param acknowledged: codes of the warnings that are meant
    :raises FindingsStand: if there are errors, or other warnings
    :raises WrongState: if it can't be activated from where it stands
    """
    # Held, so that what is checked is what will run.
    row = get_row(session, code=code, lock=True)
    found: tuple[Finding, ...] = ()
    if row.state in (PromotionState.DRAFT, PromotionState.PAUSED):
        found = findings_of(session, code=code, now=now, time_is_up=time_is_up)
    _refuse_standing(code, found, acknowledged)
    move(session, code=code, to=PromotionState.ACTIVE, actor=actor, now=now)
    return found


def _refuse_standing(
    code: str, found: tuple[Finding, ...], acknowledged: Collection[str]
) -> None:
    standing = [
        one
        for one in found
        if one.severity is Severity.ERROR
        or (one.severity is Severity.WARNING and one.code.value not in acknowledged)
    ]
    if standing:
        message = (
            f"The check of {code!r} found what must be mended or acknowledged first: "
            + ", ".join(dict.fromkeys(one.code.value for one in standing))
            + "."
        )
        raise FindingsStand(message, found)
