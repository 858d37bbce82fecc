"""The pricing engine: values in, values out."""

from loyalty.promotions.rules.compiling import Compiled, compile_promotions
from loyalty.promotions.rules.pricing import NotPriceable, price

__all__ = ["Compiled", "NotPriceable", "compile_promotions", "price"]
