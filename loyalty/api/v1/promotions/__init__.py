"""Promotions: documents, their life, their terms and what their check finds."""

from loyalty.api.v1.promotions import findings, views

resource = views.resource
EXAMPLE = views.EXAMPLE

__all__ = ["EXAMPLE", "findings", "resource"]
