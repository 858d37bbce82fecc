"""Rankings that are only compared with; no offer is chosen by them."""

from recommender.config import Config
from recommender.evaluation.ease import Ease
from recommender.models.base import Model
from recommender.training import Lesson, Progress, fit_peers


def peers(past: Lesson, config: Config, progress: Progress) -> tuple[Model, ...]:
    """Return the peers, of what there was to learn from at a cut-off."""
    return (Ease.fit(past.events), *fit_peers(past, config, progress))
