"""How good the model in use is: against baselines, by kind of customer, and where."""

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.pages import blueprint, show
from loyalty.admin.recommendations.models import facts_of, stored_quality
from loyalty.admin.recommendations.report import ALL, ENOUGH, FRESH, OWN, POPULAR
from loyalty.admin.recommendations.sentences import (
    calibration_sentence,
    gain_sentence,
    headlines,
)
from loyalty.recommendations.queries import current_model, get_model
from loyalty.recommendations.values import Model
from loyalty.staff.values import Permission
from loyalty.web.context import database
from loyalty.web.guards import requires


@blueprint.get("/recommendations/quality")
@requires(Permission.RECOMMENDER_READ)
def quality() -> ResponseReturnValue:
    """Show how good the model in use was, or the one that is named."""
    with database().transaction() as session:
        model = _wanted(session, request.args.get("model"))
        found = stored_quality(session, model)
    if found is None:
        return show("recommender/quality.html", model=model, quality=None)
    usual, fresh = found.gain(ALL, OWN), found.gain(FRESH, POPULAR)
    return show(
        "recommender/quality.html",
        model=model,
        facts=facts_of(model) if model else None,
        quality=found,
        enough=ENOUGH,
        headlines=headlines(found),
        usual=gain_sentence(usual) if usual else "",
        fresh=gain_sentence(fresh) if fresh else "",
        calibrated=calibration_sentence(found.calibration.error)
        if found.calibration
        else "",
    )


def _wanted(session: Session, version: str | None) -> Model | None:
    if version:
        return get_model(session, version=version)
    return current_model(session)
