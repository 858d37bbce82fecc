"""Audiences, triggers and variants as documents: checked, read and written."""

from loyalty.offers.schema.audiences import AudiencePart
from loyalty.offers.schema.documents import (
    dump_audience,
    dump_trigger,
    dump_variants,
    load_audience,
    load_trigger,
    load_variants,
)

__all__ = [
    "AudiencePart",
    "dump_audience",
    "dump_trigger",
    "dump_variants",
    "load_audience",
    "load_trigger",
    "load_variants",
]
