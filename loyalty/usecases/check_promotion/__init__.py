"""Checking a draft before it may run, and letting it run."""

from loyalty.usecases.check_promotion.activating import (
    FindingsStand,
    activate_promotion,
)
from loyalty.usecases.check_promotion.checking import check_promotion, findings_of

__all__ = ["FindingsStand", "activate_promotion", "check_promotion", "findings_of"]
