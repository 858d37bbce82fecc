"""Reading runs of the recommender, its models, and what it recommends."""

from loyalty.recommendations.queries.runs import (
    RunNotFound,
    get_run,
    latest_run,
    list_runs,
    queued_runs,
)
from loyalty.recommendations.queries.standing import (
    coverage,
    customers_with,
    customers_without,
    nothing_for,
    recommendations_of,
)
from loyalty.recommendations.queries.versions import (
    ModelUnknown,
    current_model,
    get_model,
    list_models,
)

__all__ = [
    "ModelUnknown",
    "RunNotFound",
    "coverage",
    "current_model",
    "customers_with",
    "customers_without",
    "get_model",
    "get_run",
    "latest_run",
    "list_models",
    "list_runs",
    "nothing_for",
    "queued_runs",
    "recommendations_of",
]
