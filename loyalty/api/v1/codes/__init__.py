"""Coupon codes of a promotion: secret ones in files, and words that many share."""

from loyalty.api.v1.codes import listing, making, voiding
from loyalty.api.v1.codes.schemas import resource

__all__ = ["listing", "making", "resource", "voiding"]
