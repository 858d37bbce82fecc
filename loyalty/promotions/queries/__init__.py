"""Reading promotions, what they gave, and the facts that pricing needs."""

from loyalty.promotions.queries.facts import (
    catalogue_facts,
    customer_facts,
    past_purchases,
)
from loyalty.promotions.queries.naming import display_names, programme_rules
from loyalty.promotions.queries.prior_prices import prior_prices
from loyalty.promotions.queries.quotes import (
    QuoteNotFound,
    get_quote,
    quote_of_purchase,
)
from loyalty.promotions.queries.rule_set import (
    RuleSet,
    active_promotions,
    active_rules,
)
from loyalty.promotions.queries.stored import (
    PromotionNotFound,
    get_promotion,
    get_row,
    list_promotions,
    totals_of,
)
from loyalty.promotions.queries.usage import used

__all__ = [
    "PromotionNotFound",
    "QuoteNotFound",
    "RuleSet",
    "active_promotions",
    "active_rules",
    "catalogue_facts",
    "customer_facts",
    "display_names",
    "get_promotion",
    "get_quote",
    "get_row",
    "list_promotions",
    "past_purchases",
    "prior_prices",
    "programme_rules",
    "quote_of_purchase",
    "totals_of",
    "used",
]
