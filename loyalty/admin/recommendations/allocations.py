"""How a campaign's offers were shared out, as the run that did it told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from loyalty.core.money import Money, exponent
from loyalty.core.texts import format_money, format_number
from loyalty.core.texts import gettext as _
from loyalty.recommendations.queries import latest_run, list_runs
from loyalty.recommendations.values import Run, RunKind, RunState
from loyalty.stores.queries import get_programme

_MOST = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedOut:
    """What an allocation came to; money is in minor units."""

    campaign: str
    value: float | None
    cost: float | None
    reached: float | None
    """The least share of the best possible value that was reached, 0 to 1."""

    binding: list[str]
    """The limits without which there would be more, in words."""


def allocation_of(
    session: Session, *, campaign: str, names: Mapping[str, str]
) -> SharedOut | None:
    """Return how a campaign's offers were shared out; names are of promotions."""
    run = latest_run(
        session, kind=RunKind.ALLOCATE, subject=campaign, states=(RunState.DONE,)
    )
    if run is None:
        return None
    return _shared_out(run, names, get_programme(session).currency)


def allocations(session: Session, *, names: Mapping[str, str]) -> list[SharedOut]:
    """Return how the offers of the latest campaigns were shared out."""
    currency = get_programme(session).currency
    found: dict[str, SharedOut] = {}
    for run in list_runs(session, kinds=(RunKind.ALLOCATE,), limit=_MOST):
        if run.state is RunState.DONE:
            found.setdefault(run.subject, _shared_out(run, names, currency))
    return list(found.values())


def _shared_out(run: Run, names: Mapping[str, str], currency: str) -> SharedOut:
    report: Mapping[str, Any] = run.report or {}
    gap = report.get("gap")
    binding = report.get("binding") or {}
    lines = [_limit(one, names, currency) for one in report.get("limits") or ()]
    if binding.get("campaign"):
        lines.insert(0, _("The campaign's own budget, or its number of offers"))
    return SharedOut(
        campaign=run.subject,
        value=report.get("value"),
        cost=report.get("cost"),
        reached=None if gap is None else 1 - gap,
        binding=lines,
    )


def _limit(found: Mapping[str, Any], names: Mapping[str, str], currency: str) -> str:
    """Return a limit that held back, and what one more would have brought."""
    unit = 10 ** exponent(currency)

    def money(amount: float) -> str:
        return format_money(Money(amount=round(amount), currency=currency))

    name = names.get(found["promotion"], found["promotion"])
    if found["kind"] == "money":
        return _(
            "%(name)s: its budget, of which %(left)s was left; %(more)s more would "
            "bring %(worth)s",
            name=name,
            left=money(found["left"]),
            more=money(unit),
            worth=money(found["worth"] * unit),
        )
    return _(
        "%(name)s: its limit, of which %(left)s was left; one more would bring "
        "%(worth)s",
        name=name,
        left=format_number(round(found["left"])),
        worth=money(found["worth"]),
    )
