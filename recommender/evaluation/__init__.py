"""How good the recommender is, on days that it has not seen."""

from recommender.evaluation.challenge import Running, challenge
from recommender.evaluation.gate import gate
from recommender.evaluation.judging import (
    evaluate_cutoffs,
    evaluate_full,
    evaluate_tuning,
)
from recommender.evaluation.material import Material
from recommender.evaluation.report import Report, Verdict
from recommender.evaluation.text import as_text

__all__ = [
    "Material",
    "Report",
    "Running",
    "Verdict",
    "as_text",
    "challenge",
    "evaluate_cutoffs",
    "evaluate_full",
    "evaluate_tuning",
    "gate",
]
