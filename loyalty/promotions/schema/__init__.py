"""Promotion documents: read and checked whole, and written."""

from loyalty.promotions.schema.cases import PricedCase, check_case, quote_of_case
from loyalty.promotions.schema.dumping import dump_promotion, dump_reward
from loyalty.promotions.schema.promotions import PromotionSchema, load_promotion
from loyalty.promotions.schema.quotes import dump_quote

__all__ = [
    "PricedCase",
    "PromotionSchema",
    "check_case",
    "dump_promotion",
    "dump_quote",
    "dump_reward",
    "load_promotion",
    "quote_of_case",
]
