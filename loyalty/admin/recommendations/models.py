"""Stored models: what is said of them, and what each was measured at."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from loyalty.admin.recommendations.report import Quality, quality_of
from loyalty.core.texts import gettext as _
from loyalty.recommendations.values import Model, ModelState
from loyalty.stores.queries import list_stores


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What a model learned from; days are ISO dates, empty where nobody said."""

    first_day: str
    last_day: str
    customers: int
    events: int
    seed: int | None
    packages: tuple[tuple[str, str], ...]


def facts_of(model: Model) -> Facts:
    """Return what is said of a model; what is missing is empty or zero."""
    data: dict[str, Any] = model.facts.get("data") or {}
    return Facts(
        first_day=data.get("first_day", ""),
        last_day=data.get("last_day", ""),
        customers=data.get("customers", 0),
        events=data.get("events", 0),
        seed=model.facts.get("seed"),
        packages=tuple(sorted((model.facts.get("packages") or {}).items())),
    )


def stored_quality(session: Session, model: Model | None) -> Quality | None:
    """Return what a model was measured at; None if it was not, or not by our form."""
    if model is None or not model.report:
        return None
    stores = {store.code: store.name for store in list_stores(session)}
    try:
        return quality_of(model.report, stores=stores)
    except (KeyError, TypeError, ValueError):
        # A version of long ago, or of another hand: the page says that it can't tell.
        return None


def state_name(state: ModelState) -> str:
    """Return what became of a model."""
    return {
        ModelState.CURRENT: _("In use"),
        ModelState.EARLIER: _("In use before"),
        ModelState.REFUSED: _("Refused"),
        ModelState.STORED: _("Kept"),
    }[state]


TONES = {
    ModelState.CURRENT: "good",
    ModelState.EARLIER: "info",
    ModelState.REFUSED: "warn",
    ModelState.STORED: "plain",
}
"""The colour of the badge of each state of a model."""
