"""How much the recommender's benchmark measures."""

import os
from dataclasses import dataclass, field
from typing import Final

TARGETS: Final = 500
COMPONENTS: Final = 64
TOP: Final = 10
SEED: Final = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """How many customers each part takes, and how often it is repeated."""

    growth: tuple[int, ...]
    """For the product of vectors; the last is also what peers are given."""

    slow: int
    """For the peers that are slower by an order of magnitude."""

    repeats: int
    shop: int
    """For training, and for scoring in two stages."""

    allocated: tuple[int, ...]
    """For allocation."""

    threads: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    """One for each core; 1 measures best on a machine that others use as well."""


FULL: Final = Effort(
    growth=(10_000, 100_000, 1_000_000),
    slow=20_000,
    repeats=5,
    shop=2_500,
    allocated=(10_000, 100_000, 1_000_000),
)
QUICK: Final = Effort(
    growth=(10_000, 100_000), slow=2_000, repeats=3, shop=500, allocated=(20_000,)
)
TINY: Final = Effort(growth=(3_000,), slow=200, repeats=1, shop=60, allocated=(500,))
"""To see that all of it still runs."""
