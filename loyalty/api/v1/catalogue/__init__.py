"""Products, categories and stores."""

from loyalty.api.v1.catalogue.views import resource

__all__ = ["resource"]
