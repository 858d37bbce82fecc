"""Keeping a copy of what is known of the stored models."""

from collections.abc import Sequence

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from loyalty.recommendations.models import ModelRow
from loyalty.recommendations.values import Model


def keep_models(session: Session, *, models: Sequence[Model]) -> None:
    """Replace what is known of all models."""
    session.execute(delete(ModelRow))
    if models:
        session.execute(
            insert(ModelRow),
            [
                {
                    "version": model.version,
                    "trained_at": model.trained_at,
                    "state": model.state,
                    "facts": dict(model.facts),
                    "report": model.report and dict(model.report),
                    "verdict": model.verdict and dict(model.verdict),
                }
                for model in models
            ],
        )
