"""What stands beside the builder: words, people and likely cost of a draft."""

from dataclasses import dataclass
from typing import Any, Final

from loyalty.admin.promotions.wording import in_words
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid, Problem
from loyalty.core.texts import LANGUAGES, current_language
from loyalty.customers.queries import names_of
from loyalty.promotions.queries import display_names
from loyalty.promotions.render import Segment, terms
from loyalty.promotions.schema import load_promotion
from loyalty.stores.queries import get_programme
from loyalty.usecases.estimate_promotion import (
    Cost,
    Crowd,
    estimate_cost,
    estimate_crowd,
)
from loyalty.web.context import database
from loyalty.web.patience import Patience

_SECONDS: Final = 1.2
"""As long as baskets are priced while the page waits."""

_NO_CODE: Final = "new-promotion"
_NO_NAME: Final = "New promotion"


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """A draft, looked at; parts that can't be said are None."""

    problems: tuple[Problem, ...] = ()
    language: str = "en"
    words: tuple[Segment, ...] = ()
    terms: str = ""
    crowd: Crowd | None = None
    example: str = ""
    """What the example customer is called."""

    cost: Cost | None = None
    asked_cost: bool = False
    budget: int | None = None


def look_at(document: dict[str, Any], *, language: str, with_cost: bool) -> Look:
    """Return what can be said of a document, complete or not."""
    language = language if language in LANGUAGES else current_language()
    with database().transaction() as session:
        currency = get_programme(session).currency
    try:
        promotion = load_promotion(named(document), currency=currency)
    except Invalid as error:
        return Look(problems=error.problems, language=language)
    now = utc_now()
    with database().transaction() as session:
        names = display_names(session, promotions=[promotion])
        crowd = estimate_crowd(session, promotion=promotion, now=now)
        called = names_of(
            session, customer_ids=[crowd.example] if crowd.example else []
        )
        cost = (
            estimate_cost(
                session,
                promotion=promotion,
                now=now,
                time_is_up=Patience(_SECONDS),
            )
            if with_cost
            else None
        )
    budget = promotion.limits.budget
    return Look(
        language=language,
        words=in_words(promotion, names, language),
        terms=terms(promotion, language, names=names),
        crowd=crowd,
        example=next(iter(called.values()), ""),
        cost=cost,
        asked_cost=with_cost,
        budget=budget.amount if budget else None,
    )


def named(document: dict[str, Any]) -> dict[str, Any]:
    """Return it with a name and a code, which the words do not need."""
    return {
        **document,
        "code": document.get("code") or _NO_CODE,
        "name": document.get("name") or {"en": _NO_NAME},
    }
