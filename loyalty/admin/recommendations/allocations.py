"""How a campaign's offers were shared out, as the run that did it told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from loyalty.core.texts import format_percent
from loyalty.core.texts import gettext as _
from loyalty.recommendations.queries import latest_run, list_runs
from loyalty.recommendations.values import Run, RunKind, RunState

_MOST = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedOut:
    """What an allocation came to; ``value`` is in minor units."""

    campaign: str
    value: float | None
    reached: float | None
    """The least share of the best possible value that was reached, 0 to 1."""

    binding: list[str]
    """The limits without which there would be more, in words."""


def allocation_of(session: Session, *, campaign: str) -> SharedOut | None:
    """Return how a campaign's offers were shared out, once they were."""
    run = latest_run(
        session, kind=RunKind.ALLOCATE, subject=campaign, states=(RunState.DONE,)
    )
    return None if run is None else _shared_out(run)


def allocations(session: Session) -> list[SharedOut]:
    """Return how the offers of the latest campaigns were shared out."""
    found: dict[str, SharedOut] = {}
    for run in list_runs(session, kinds=(RunKind.ALLOCATE,), limit=_MOST):
        if run.state is RunState.DONE:
            found.setdefault(run.subject, _shared_out(run))
    return list(found.values())


def _shared_out(run: Run) -> SharedOut:
    report: Mapping[str, Any] = run.report or {}
    gap = report.get("gap")
    return SharedOut(
        campaign=run.subject,
        value=report.get("value"),
        reached=None if gap is None else 1 - gap,
        binding=[
            _bound(kind, share)
            for kind, share in (report.get("binding") or {}).items()
            if share
        ],
    )


def _bound(kind: str, share: float) -> str:
    values = {"share": format_percent(share)}
    if kind == "caps":
        return _("%(share)s of the promotions' own numbers", **values)
    if kind == "budgets":
        return _("%(share)s of the promotions' own budgets", **values)
    return _("the campaign's own limits")
