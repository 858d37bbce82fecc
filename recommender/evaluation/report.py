"""What an evaluation says."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from recommender.evaluation.reading import read
from recommender.evaluation.rows import (
    Calibration,
    Campaigns,
    ColdStartRow,
    Comparison,
    CoverageRow,
    Data,
    RankingRow,
)


class Kind(StrEnum):
    """What was evaluated."""

    FULL = "full"
    """Everything, asked for by a person."""
    CUTOFFS = "cutoffs"
    """The rankings at some cut-offs."""
    NIGHTLY = "nightly"
    """The new model against the running one, on the last period."""


class Judgement(StrEnum):
    """Why a model may be promoted, or may not."""

    FIRST = "first"
    """No model is running, so there is none to be worse than."""
    NOT_WORSE = "not_worse"
    WORSE_THAN_RUNNING = "worse_than_running"
    WORSE_THAN_OWN_FREQUENCY = "worse_than_own_frequency"
    NOTHING_TO_JUDGE = "nothing_to_judge"
    """Too few households bought anything in the last period."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One finding of the gate; ``comparison`` is what it rests on."""

    kind: Judgement
    comparison: Comparison | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Whether the new model may take the place of the ``running`` version."""

    promoted: bool
    reasons: tuple[Reason, ...]
    running: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """
    What came out, and of what; a section that was not asked for is empty or None.

    ``model`` is the name of the ranking that is in use; ``cutoffs`` are ISO dates, a
    window of ``window_days`` begins with each. ``tuned_before``: an ISO date; nothing
    from then on was used to choose settings. Intervals are of ``resamples`` draws.
    """

    kind: Kind
    model: str
    k: int
    window_days: int
    cutoffs: tuple[str, ...]
    tuned_before: str | None
    resamples: int
    data: Data
    ranking: tuple[RankingRow, ...]
    comparisons: tuple[Comparison, ...]
    coverage: tuple[CoverageRow, ...] = ()
    calibration: Calibration | None = None
    campaigns: Campaigns | None = None
    cold_start: tuple[ColdStartRow, ...] = ()
    gate: Verdict | None = None
    seconds: float = 0.0
    """How long it took; told by who asked for it."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """
        Return the report of :meth:`as_dict`, also after it went through JSON.

        :raises ValueError: if a field is missing, unknown or of the wrong kind
        """
        return read(cls, values)
