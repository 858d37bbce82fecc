"""Products, their prices, categories and stores."""

from loyalty.api.v1.catalogue import prices, views

resource = views.resource

__all__ = ["prices", "resource"]
