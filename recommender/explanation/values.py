"""What an explanation is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from recommender.data import FloatArray
from recommender.features.pairs import GROUPS

Reason = Mapping[str, str | int]

VOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "own": ("habit", "rhythm"),
    "wishes": ("wishes",),
    "taste": ("taste",),
    "neighbours": ("neighbours",),
    "popular": ("popular",),
}
"""What a reason may speak of, and the groups of features whose parts it adds.

What a customer bought and when they are due again are told together: they are two
sides of the same purchases. Groups that are not here are never said.
"""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Explained:
    """
    The reasons of some pairs, and what their scores are made of.

    ``parts`` (n, groups) and ``base`` (n) add up to the raw score; the groups are
    ``recommender.features.pairs.GROUPS``.
    """

    reasons: tuple[Reason, ...]
    parts: FloatArray
    base: FloatArray

    def as_dict(self, pair: int) -> dict[str, float]:
        """Return the parts of one pair by name, rounded, with the base."""
        parts = zip(GROUPS, self.parts[pair].tolist(), strict=True)
        found = {"base": float(self.base[pair]), **dict(parts)}
        return {name: round(part, 4) for name, part in found.items()}
