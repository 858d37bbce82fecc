"""Promotion documents: read and checked whole, and written."""

from loyalty.promotions.schema.dumping import dump_promotion
from loyalty.promotions.schema.promotions import PromotionSchema, load_promotion

__all__ = ["PromotionSchema", "dump_promotion", "load_promotion"]
