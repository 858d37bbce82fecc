"""The versions of the model: which there are, and going back or forward."""

from collections.abc import Sequence
from dataclasses import replace

from flask.typing import ResponseReturnValue

from loyalty.admin.pages import blueprint, needs_all_stores, show
from loyalty.admin.recommendations.models import (
    TONES,
    facts_of,
    state_name,
    stored_quality,
)
from loyalty.admin.recommendations.report import Picture, Quality
from loyalty.admin.recommendations.runs import latest, may_run, start
from loyalty.admin.recommendations.sentences import headlines, verdict_sentences
from loyalty.core.texts import gettext as _
from loyalty.recommendations.queries import current_model, get_model, list_models
from loyalty.recommendations.values import Model, ModelState, RunKind
from loyalty.staff.values import Permission
from loyalty.web.charts import Estimate
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to

_HISTORY = (RunKind.PROMOTE, RunKind.ROLL_BACK, RunKind.TRAIN)
_MODELS = "/admin/recommendations/models"


@blueprint.get("/recommendations/models")
@requires(Permission.RECOMMENDER_READ)
def models() -> ResponseReturnValue:
    """Show the stored models, which is in use, and why others are not."""
    with database().transaction() as session:
        found = list_models(session)
        qualities = {one.version: stored_quality(session, one) for one in found}
        history = latest(session, *_HISTORY)
    return show(
        "recommender/models.html",
        models=[
            (one, facts_of(one), qualities[one.version], verdict_sentences(one.verdict))
            for one in found
        ],
        headlines={
            version: headlines(quality)
            for version, quality in qualities.items()
            if quality
        },
        back=_earlier(found) is not None,
        names={state: state_name(state) for state in ModelState},
        tones=TONES,
        history=history,
        going=[one for one in history if one.going],
        may_run=may_run(),
    )


@blueprint.get("/recommendations/models/<version>/promote")
@requires(Permission.RECOMMENDER_RUN)
def ask_promoting(version: str) -> ResponseReturnValue:
    """Ask whether to take a model into use, and show what that changes."""
    needs_all_stores(Permission.RECOMMENDER_RUN)
    with database().transaction() as session:
        return _confirm(
            get_model(session, version=version),
            current_model(session),
            action=f"{_MODELS}/{version}/promote",
        )


@blueprint.post("/recommendations/models/<version>/promote")
@requires(Permission.RECOMMENDER_RUN)
def promote(version: str) -> ResponseReturnValue:
    """Take a model into use."""
    with database().transaction() as session:
        get_model(session, version=version)
    start(RunKind.PROMOTE, subject=version)
    return redirect_to(_MODELS)


@blueprint.get("/recommendations/models/back")
@requires(Permission.RECOMMENDER_RUN)
def ask_rolling_back() -> ResponseReturnValue:
    """Ask whether to go back to the model that was in use before."""
    needs_all_stores(Permission.RECOMMENDER_RUN)
    with database().transaction() as session:
        return _confirm(
            _earlier(list_models(session)),
            current_model(session),
            action=f"{_MODELS}/back",
            back=True,
        )


@blueprint.post("/recommendations/models/back")
@requires(Permission.RECOMMENDER_RUN)
def roll_back() -> ResponseReturnValue:
    """Go back to the model that was in use before."""
    start(RunKind.ROLL_BACK)
    return redirect_to(_MODELS)


def _earlier(models: Sequence[Model]) -> Model | None:
    """Return the model that was in use before the one in use now."""
    found = [one for one in models if one.state is ModelState.EARLIER]
    return max(found, key=lambda one: int(one.facts.get("turn", -1)), default=None)


def _confirm(
    wanted: Model | None, current: Model | None, *, action: str, back: bool = False
) -> ResponseReturnValue:
    with database().transaction() as session:
        then, now = stored_quality(session, wanted), stored_quality(session, current)
    return show(
        "recommender/switch.html",
        wanted=wanted,
        current=current,
        action=action,
        back=back,
        pictures=_beside(then, now),
        same_days=bool(then and now and then.cutoffs == now.cutoffs),
        verdict=verdict_sentences(wanted.verdict) if wanted else [],
    )


def _beside(then: Quality | None, now: Quality | None) -> list[Picture]:
    """Return both models' figures beside each other, where both were measured."""
    if then is None or now is None:
        return []
    pairs = (
        (_("All they buy"), now.everything, then.everything),
        (_("New to the customer"), now.fresh, then.fresh),
    )
    found = []
    for label, before, after in pairs:
        mine, other = _ours(before), _ours(after)
        if mine is not None and other is not None:
            estimates = (
                replace(mine, label=_("In use now"), ours=False, more=()),
                replace(other, label=_("Then in use"), more=()),
            )
            found.append(Picture(label=label, estimates=estimates, held=mine.value))
    return found


def _ours(picture: Picture) -> Estimate | None:
    return next((one for one in picture.estimates if one.ours), None)
