"""Reading which models there are."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.recommendations.models import ModelRow
from loyalty.recommendations.values import Model, ModelState


class ModelUnknown(NotFound):
    """There is no model of this version."""

    code = "model_not_found"


def list_models(session: Session) -> tuple[Model, ...]:
    """Return the stored models, the latest first."""
    rows = session.scalars(select(ModelRow).order_by(ModelRow.version.desc()))
    return tuple(_model(row) for row in rows)


def get_model(session: Session, *, version: str) -> Model:
    """
    Return a stored model.

    :raises ModelUnknown: if there is none
    """
    row = session.get(ModelRow, version)
    if row is None:
        message = f"There is no model {version!r}."
        raise ModelUnknown(message)
    return _model(row)


def current_model(session: Session) -> Model | None:
    """Return the model that ranks offers now, or None before the first."""
    row = session.scalar(select(ModelRow).where(ModelRow.state == ModelState.CURRENT))
    return None if row is None else _model(row)


def _model(row: ModelRow) -> Model:
    return Model(
        version=row.version,
        trained_at=row.trained_at,
        state=row.state,
        facts=row.facts,
        report=row.report,
        verdict=row.verdict,
    )
