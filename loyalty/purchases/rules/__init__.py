"""What was paid for each unit, and what a return of some of them comes to."""

from loyalty.purchases.rules.returning import (
    CantReturn,
    cover,
    kept_points,
    refund_of,
    settle,
    whole_applications,
)
from loyalty.purchases.rules.sharing import part_of, share_line

__all__ = [
    "CantReturn",
    "cover",
    "kept_points",
    "part_of",
    "refund_of",
    "settle",
    "share_line",
    "whole_applications",
]
