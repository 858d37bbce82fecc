"""
Chance that can be repeated: numbers from a keyed hash instead of a generator.

What is drawn for one purpose does not depend on what was drawn before, so the same
household gets the same name in the sample and in the full data, and a simulated
visit does not change when another shopper is added.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")

_BYTES = 8
_RANGE = 1 << (8 * _BYTES)
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Dice:
    """Draws for one subject; equal subjects and purposes give equal draws."""

    subject: str

    def share(self, purpose: str) -> float:
        """Return a number above 0 and below 1, evenly spread."""
        text = f"{self.subject}/{purpose}".encode()
        digest = hashlib.blake2b(text, digest_size=_BYTES).digest()
        return (int.from_bytes(digest, "big") + 0.5) / (_RANGE + 1)

    def happens(self, purpose: str, probability: float) -> bool:
        """Test whether something of this probability happens."""
        return self.share(purpose) < probability

    def pick(self, purpose: str, choices: Sequence[T]) -> T:
        """Return one of the choices, all equally likely."""
        return choices[int(self.share(purpose) * len(choices))]

    def weighted(self, purpose: str, choices: Sequence[tuple[T, float]]) -> T:
        """Return one of the choices in proportion to its weight (not negative)."""
        left = self.share(purpose) * math.fsum(weight for _, weight in choices)
        for choice, weight in choices:
            left -= weight
            if left < 0:
                return choice
        return choices[-1][0]

    def whole(self, purpose: str, least: int, most: int) -> int:
        """Return a whole number between two, both included."""
        return least + int(self.share(purpose) * (most - least + 1))

    def waiting(self, purpose: str, mean: float) -> float:
        """Return how long to wait for what happens once in ``mean`` on average."""
        return -mean * math.log(self.share(purpose))

    def normal(self, purpose: str) -> float:
        """Return a draw from the standard normal distribution."""
        return _NORMAL.inv_cdf(self.share(purpose))
