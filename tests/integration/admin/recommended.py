"""A shop whose recommender has done something, for pages to show."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.offers.values import Aim, NothingBecause
from loyalty.recommendations.service.runs import advance, begin, fail, finish
from loyalty.recommendations.service.standing import replace_scores
from loyalty.recommendations.service.versions import keep_models
from loyalty.recommendations.values import (
    Held,
    Model,
    ModelState,
    NewRecommendation,
    NewRun,
    RunKind,
    Scores,
)
from tests.factories import NOW

NEWER = "20261122T010005Z-0123456789ab"
OLDER = "20261121T010005Z-ba9876543210"
_REPORT = Path(__file__).parents[2] / "data" / "recommender-report.json"


def report() -> dict[str, Any]:
    """Return what a whole evaluation leaves with a model."""
    found: dict[str, Any] = json.loads(_REPORT.read_text(encoding="utf-8"))
    return found


def model(version: str = NEWER, **changes: object) -> Model:
    """Return a stored model: the current one, unless something else is said."""
    facts = {
        "data": {
            "first_day": "2025-11-24",
            "last_day": "2026-11-21",
            "customers": 2102,
            "events": 781204,
        },
        "seed": 1,
        "turn": 1,
        "packages": {"lightgbm": "4.7.0", "numpy": "2.3.5"},
    }
    given: dict[str, Any] = {
        "version": version,
        "trained_at": NOW - timedelta(hours=8),
        "state": ModelState.CURRENT,
        "facts": facts,
        "report": report(),
        "verdict": report()["gate"],
    }
    return Model(**{**given, **changes})


def two_models(session: Session) -> None:
    """Let a model be in use, and one before it that was a little worse."""
    worse = report()
    for row in worse["ranking"]:
        row["ndcg"] -= 0.004
    facts = {**model().facts, "turn": 0}
    keep_models(
        session,
        models=[
            model(),
            model(
                OLDER,
                state=ModelState.EARLIER,
                trained_at=NOW - timedelta(days=1, hours=8),
                facts=facts,
                report=worse,
            ),
        ],
    )


def recommend(
    session: Session,
    customer_id: CustomerID,
    *codes: str,
    nothing: Mapping[CustomerID, NothingBecause] | None = None,
) -> None:
    """Recommend these promotions to the customer, by turns a habit and new."""
    nothing = nothing or {}
    lines = tuple(
        NewRecommendation(
            customer_id=customer_id,
            rank=rank,
            promotion=code,
            score=1.5 / rank,
            probability=0.5 / rank,
            value=40.0 / rank,
            aim=Aim.REWARD if rank % 2 else Aim.DISCOVERY,
            parts={
                "habit": 1.4 if rank % 2 else -0.3,
                "rhythm": 0.35,
                "taste": 0.2 if rank % 2 else 1.1,
                "popular": -0.6,
                "base": -2.4,
            },
            reason={"kind": "popular"},
        )
        for rank, code in enumerate(codes, start=1)
    )
    scores = Scores(
        customers=(customer_id, *nothing),
        recommended=lines,
        nothing=nothing,
        model_version=NEWER,
    )
    replace_scores(session, scores=scores, as_of=NOW)


def running(session: Session, kind: RunKind, *, subject: str = "") -> Held:
    """Let a run be half done."""
    held = begin(
        session, run=NewRun(kind=kind, subject=subject), now=NOW, machine_now=NOW
    )
    assert held is not None
    advance(session, held=held, step="customers", done=3, total=8, machine_now=NOW)
    return held


def shared_out() -> dict[str, Any]:
    """Return what an allocation came to that three limits held back."""
    return {
        "value": 48213.0,
        "cost": 21000.0,
        "gap": 0.0021,
        "binding": {"caps": 0.25, "budgets": 0.25, "campaign": 1.0},
        "limits": [
            {
                "promotion": "coffee",
                "kind": "offers",
                "left": 200.0,
                "used": 200.0,
                "worth": 41.5,
            },
            {
                "promotion": "tea",
                "kind": "money",
                "left": 5000.0,
                "used": 4998.1,
                "worth": 1.3,
            },
        ],
    }


def done(session: Session, held: Held, result: Mapping[str, Any]) -> None:
    """Let a run end well."""
    later = NOW + timedelta(seconds=95)
    finish(session, held=held, report=result, model_version=NEWER, now=later)


def failed(session: Session, held: Held, error: str) -> None:
    """Let a run come to nothing."""
    fail(session, held=held, error=error, now=NOW + timedelta(seconds=5))
