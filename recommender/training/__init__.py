"""Learning from the past: several periods, each seen from its own start."""

from recommender.features.pairs import GROUPS
from recommender.training.fitting import fit, fit_peers
from recommender.training.lesson import Lesson, NothingToLearn, Progress, prepare
from recommender.training.trained import Ranked, Trained

__all__ = [
    "GROUPS",
    "Lesson",
    "NothingToLearn",
    "Progress",
    "Ranked",
    "Trained",
    "fit",
    "fit_peers",
    "prepare",
]
