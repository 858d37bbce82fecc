"""The counts of all messages."""

from collections.abc import Mapping
from dataclasses import dataclass

from loyalty.delivery.values.states import PENDING, MessageState


@dataclass(frozen=True, kw_only=True, slots=True)
class Books:
    """The counts of every message ever planned, and what does not add up."""

    planned: int
    by_state: Mapping[MessageState, int]
    problems: tuple[str, ...]

    @property
    def pending(self) -> int:
        """Messages that are still to come."""
        return sum(self.by_state.get(state, 0) for state in PENDING)

    @property
    def balanced(self) -> bool:
        """Whether nothing is missing and nothing is there twice."""
        return not self.problems
