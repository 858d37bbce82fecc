"""Members: enrolling, finding and reading them."""

from loyalty.api.v1.customers.views import CUSTOMER, ONE, resource

__all__ = ["CUSTOMER", "ONE", "resource"]
