"""The rows of a report: plain values that JSON can hold."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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
