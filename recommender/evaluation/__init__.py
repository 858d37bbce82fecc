"""How good the recommender is, on days that it has not seen."""

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
    "Verdict",
    "as_text",
    "evaluate_cutoffs",
    "evaluate_full",
    "evaluate_tuning",
]
