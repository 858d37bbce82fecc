"""How much the delivery benchmark measures."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """How many messages each part takes."""

    planned: int
    sent: int
    """By each number of workers."""

    one_by_one: int
    """With a job for each."""

    bare: int
    """By each bare loop, each time that one runs."""

    waiting: tuple[int, ...]
    """Of how many planned rows some are claimed."""

    claims: int


FULL: Final = Effort(
    planned=1_000_000,
    sent=50_000,
    one_by_one=500,
    bare=10_000,
    waiting=(10_000, 100_000, 1_000_000, 10_000_000),
    claims=50,
)
QUICK: Final = Effort(
    planned=50_000,
    sent=5_000,
    one_by_one=100,
    bare=2_000,
    waiting=(10_000, 100_000),
    claims=20,
)
TINY: Final = Effort(
    planned=40, sent=60, one_by_one=3, bare=30, waiting=(500, 1_000), claims=2
)
"""To see that all of it still runs."""
