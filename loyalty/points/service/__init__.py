"""Changes to the ledger: a module for each kind of movement."""

from loyalty.points.service.earning import RequestKeyReused, earn, lock_account

__all__ = ["RequestKeyReused", "earn", "lock_account"]
