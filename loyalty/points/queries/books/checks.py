"""What a check is."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One invariant, or a part of it, and the statement that finds what breaks it."""

    invariant: int
    rule: str
    sql: str
    """Gives one column ``said``: a sentence for each thing that is wrong."""
