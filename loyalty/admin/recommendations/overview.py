"""The recommender at a glance, and starting it by hand."""

from datetime import timedelta
from typing import Final

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.pages import blueprint, needs_all_stores, show
from loyalty.admin.recommendations.models import facts_of, stored_quality
from loyalty.admin.recommendations.runs import Shown, latest, may_run, start
from loyalty.admin.recommendations.sentences import headlines
from loyalty.core.clock import utc_now
from loyalty.offers.values import Aim
from loyalty.recommendations.queries import coverage, current_model, list_models
from loyalty.recommendations.values import RunKind, RunState
from loyalty.staff.values import Permission
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to

_STALE: Final = timedelta(days=3)
"""A model is trained every night: one this old says that nights are failing."""


@blueprint.get("/recommendations")
@requires(Permission.RECOMMENDER_READ)
def recommendations() -> ResponseReturnValue:
    """Show whether a model is in use, how good and fresh it is, and what it does."""
    now = utc_now()
    with database().transaction() as session:
        model = current_model(session)
        quality = stored_quality(session, model)
        runs = _runs(session)
        broken = _broken(session)
        others = len(list_models(session))
        reached = coverage(session)
    return show(
        "recommender/overview.html",
        model=model,
        facts=facts_of(model) if model else None,
        stale=model is not None and now - model.trained_at > _STALE,
        headlines=headlines(quality) if quality else [],
        quality=quality,
        runs=runs,
        going=[one for one in runs if one.going],
        broken=broken,
        others=others,
        reached=reached,
        fresh=reached.by_aim.get(Aim.DISCOVERY, 0),
        offers=sum(reached.by_aim.values()),
        may_run=may_run(),
    )


def _runs(session: Session) -> list[Shown]:
    """Return what was done lately; of what is done every hour, the last only."""
    rare = [kind for kind in RunKind if kind is not RunKind.RESCORE]
    found = [*latest(session, *rare), *latest(session, RunKind.RESCORE, limit=1)]
    return sorted(found, key=lambda one: one.run.id, reverse=True)


def _broken(session: Session) -> list[Shown]:
    """Return the regular work that failed and has not succeeded since."""
    regular = (RunKind.TRAIN, RunKind.SCORE, RunKind.RESCORE)
    found = [one for kind in regular for one in latest(session, kind, limit=1)]
    return [one for one in found if one.run.state is RunState.FAILED]


@blueprint.get("/recommendations/train")
@requires(Permission.RECOMMENDER_RUN)
def ask_training() -> ResponseReturnValue:
    """Ask whether to train now, and say what that does."""
    needs_all_stores(Permission.RECOMMENDER_RUN)
    with database().transaction() as session:
        trainings = latest(session, RunKind.TRAIN, limit=1)
    return show("recommender/train.html", last=trainings[0] if trainings else None)


@blueprint.post("/recommendations/train")
@requires(Permission.RECOMMENDER_RUN)
def train() -> ResponseReturnValue:
    """Train anew."""
    start(RunKind.TRAIN)
    return redirect_to("/admin/recommendations")


@blueprint.post("/recommendations/score")
@requires(Permission.RECOMMENDER_RUN)
def score() -> ResponseReturnValue:
    """Recommend to everybody anew."""
    start(RunKind.SCORE)
    return redirect_to("/admin/recommendations")
