"""Rules on customers: reading their addresses, and making one record of two."""

from loyalty.customers.rules.addresses import (
    MAX_LENGTH,
    Address,
    masked,
    parse_address,
    parse_email,
    parse_phone,
)
from loyalty.customers.rules.merging import (
    ConsentDecision,
    decide_consents,
    stricter_wishes,
)

__all__ = [
    "MAX_LENGTH",
    "Address",
    "ConsentDecision",
    "decide_consents",
    "masked",
    "parse_address",
    "parse_email",
    "parse_phone",
    "stricter_wishes",
]
