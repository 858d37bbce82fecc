"""Reading promotions, what they gave, and the facts that pricing needs."""

from loyalty.promotions.queries.facts import (
    catalogue_facts,
    customer_facts,
)
from loyalty.promotions.queries.naming import display_names, programme_rules
from loyalty.promotions.queries.stored import (
    PromotionNotFound,
    active_promotions,
    get_promotion,
    get_row,
    list_promotions,
    totals_of,
    used,
)

__all__ = [
    "PromotionNotFound",
    "active_promotions",
    "catalogue_facts",
    "customer_facts",
    "display_names",
    "get_promotion",
    "get_row",
    "list_promotions",
    "programme_rules",
    "totals_of",
    "used",
]
