"""Asking for a back-test, of a saved promotion or of one that is being written."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid
from loyalty.promotions.queries import PromotionNotFound, get_promotion
from loyalty.promotions.schema import load_promotion
from loyalty.promotions.service import backtests
from loyalty.promotions.values import Promotion
from loyalty.promotions.values.backtests import BacktestID
from loyalty.stores.queries import get_programme


@dataclass(frozen=True, kw_only=True, slots=True)
class PeriodAskedFor:
    """From when until when; None is from the first purchase, until now."""

    since: datetime | None = None
    until: datetime | None = None


def ask_backtest(
    session: Session,
    *,
    promotion: str | dict[str, object],
    period: PeriodAskedFor,
    actor: str,
    now: datetime,
) -> BacktestID:
    """
    Have a promotion tested on what was bought in a period.

    :param promotion: the code of a saved one, or a document
    :raises PromotionNotFound: if there is no such promotion
    :raises Invalid: if the document or the period is wrong
    :raises TooManyBacktests: if too many wait
    """
    until = now if period.until is None else min(period.until, now)
    if period.since is not None and period.since >= until:
        message = "Must be before the end of the period, and before now."
        raise Invalid.field(pointer="/from", message=message, code="period_empty")
    draft, version = _draft(session, promotion)
    question = backtests.Question(
        promotion=draft, version=version, since=period.since, until=until
    )
    return backtests.ask(session, question=question, actor=actor, now=now)


def _draft(
    session: Session, promotion: str | dict[str, object]
) -> tuple[Promotion, int | None]:
    """Return the promotion, and its version if it is as it was saved."""
    if isinstance(promotion, str):
        stored = get_promotion(session, code=promotion)
        return stored.promotion, stored.version
    draft = load_promotion(promotion, currency=get_programme(session).currency)
    try:
        stored = get_promotion(session, code=draft.code)
    except PromotionNotFound:
        return draft, None
    return draft, stored.version if stored.promotion == draft else None
