"""From "will buy" to "will redeem, and what is it worth"."""

from recommender.models.redemption.answered import Answered, Tally
from recommender.models.redemption.model import (
    Logistic,
    Redemption,
    added_up,
    redemption_table,
)
from recommender.models.redemption.table import FEATURES, Table, Terms, tabulate_terms
from recommender.models.redemption.value import Redeemed, Worth, valued

__all__ = [
    "FEATURES",
    "Answered",
    "Logistic",
    "Redeemed",
    "Redemption",
    "Table",
    "Tally",
    "Terms",
    "Worth",
    "added_up",
    "redemption_table",
    "tabulate_terms",
    "valued",
]
