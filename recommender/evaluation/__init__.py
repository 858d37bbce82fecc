"""How good the recommender is, on days that it has not seen."""

from recommender.evaluation.cutoffs import evaluate_cutoffs
from recommender.evaluation.report import Report, Verdict
from recommender.evaluation.text import as_text

__all__ = ["Report", "Verdict", "as_text", "evaluate_cutoffs"]
