"""What an evaluation says: rows of plain values that JSON can hold."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final, Self

from recommender.evaluation.reading import read

ALL: Final = "all"
FRESH: Final = "fresh"
"""Only what the household had not bought before: discovery."""
HEAVY: Final = "heavy"
LIGHT: Final = "light"
NEW_CUSTOMERS: Final = "new_customers"
LANGUAGE: Final = "language:"
STORE: Final = "store:"
"""The segments; after the last two stand the language's and the store's code."""

HISTORIES: Final = ("none", "1-3", "4-10", "all")
"""How many baskets of a household's history are left in the cold-start test."""


class Kind(StrEnum):
    """What was evaluated."""

    FULL = "full"
    """Everything, asked for by a person."""
    CUTOFFS = "cutoffs"
    """The rankings at some cut-offs."""
    NIGHTLY = "nightly"
    """The new model against the running one, on the last period."""


class Task(StrEnum):
    """What a comparison is about."""

    RANKING = "ranking"
    CAMPAIGNS = "campaigns"
    REDEEMERS = "redeemers"
    COLD_START = "cold_start"


class Outcome(StrEnum):
    """Where a difference's interval lies."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"
    """The interval holds zero."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Data:
    """What was evaluated on; days are ISO dates."""

    first_day: str
    last_day: str
    customers: int
    items: int
    events: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RankingRow:
    """
    Task 1, a model in a segment: means over households of all cut-offs together.

    All measures are of the first ``k`` places, from 0 to 1. ``low`` and ``high``
    bound ``ndcg`` in 95 of 100 draws of households.
    """

    model: str
    segment: str
    households: int
    precision: float
    recall: float
    ndcg: float
    map: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """
    A paired difference: ``model`` minus ``baseline``, of the same households.

    ``measure`` is ``ndcg`` or ``auc``; ``low`` and ``high`` bound ``difference``, and
    ``relative_low`` and ``relative_high`` its share of the baseline (0.02: 2 %).
    ``segment`` is one of Task 1's, of Task 2's, or a history left of the cold start.
    """

    task: Task
    segment: str
    measure: str
    model: str
    baseline: str
    households: int
    difference: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float
    outcome: Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class CoverageRow:
    """
    How widely a model recommends.

    ``items``: the share of items that are among anybody's first ``k``;
    ``customers``: the share of customers who get ``k`` recommendations;
    ``fresh``: the share of recommendations new to the household; ``novelty``: their
    mean self-information in bits (1: half of the customers buy it, 10: one in 1,024).
    """

    model: str
    items: float
    customers: float
    fresh: float
    novelty: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CalibrationBin:
    """Pairs whose predicted probability is from ``low`` up to ``high``."""

    low: float
    high: float
    pairs: int
    predicted: float
    observed: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """
    Whether what is said to be bought with 30 % is bought by 30 of 100.

    ``rate``: how many of all pairs were bought; ``brier`` and ``log_loss`` of the
    model, and of saying ``rate`` for every pair; ``bins`` from low to high.
    """

    model: str
    pairs: int
    rate: float
    brier: float
    brier_of_rate: float
    log_loss: float
    log_loss_of_rate: float
    error: float
    """The bins' mean distance of predicted and observed, weighted by pairs."""
    bins: tuple[CalibrationBin, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignRow:
    """
    Task 2, which offer of a campaign a household redeems.

    ``segment`` is ``all``, or the kinds of campaign, such as ``A`` or ``B and C``;
    ``ndcg`` of the first ``k``, with interval, and ``auc`` within the household, both
    of redeeming households only. ``auc`` is None where all or none was redeemed.
    """

    model: str
    segment: str
    households: int
    ndcg: float
    low: float
    high: float
    auc: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PairsRow:
    """
    Task 2 over all pairs of household and offer, redeeming or not.

    ``lift``: how many times as often the first hundredth is redeemed as all.
    """

    model: str
    segment: str
    pairs: int
    redeemed: int
    auc: float | None
    average_precision: float | None
    lift: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RedeemersRow:
    """Task 2, who redeems anything of a campaign at all."""

    model: str
    households: int
    redeemers: int
    auc: float | None
    low: float
    high: float
    average_precision: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaigns:
    """Task 2."""

    campaigns: int
    rows: tuple[CampaignRow, ...]
    pairs: tuple[PairsRow, ...]
    redeemers: tuple[RedeemersRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ColdStartRow:
    """
    A model asked for households most of whose history was hidden from it.

    ``history`` is one of ``HISTORIES``; ``ndcg`` of the first ``k``, with interval.
    """

    history: str
    model: str
    households: int
    ndcg: float
    low: float
    high: float


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
