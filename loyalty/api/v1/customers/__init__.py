"""Members: enrolling, finding and reading them."""

from loyalty.api.v1.customers import till_messages
from loyalty.api.v1.customers.views import CUSTOMER, ONE, resource

__all__ = ["CUSTOMER", "ONE", "resource", "till_messages"]
