"""Changing the catalogue, and noting what prices were."""

from loyalty.catalogue.service.articles import save_categories, save_products
from loyalty.catalogue.service.prices import note_prices

__all__ = ["note_prices", "save_categories", "save_products"]
