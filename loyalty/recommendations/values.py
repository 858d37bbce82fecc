"""The vocabulary of runs of the recommender, its models, and what it recommends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

from loyalty.customers.values import CustomerID
from loyalty.offers.values import Aim, NothingBecause, Parts, Reason

RunID = NewType("RunID", int)

Document = Mapping[str, Any]
"""A JSON object."""


class RunKind(StrEnum):
    """What the recommender was asked to do."""

    TRAIN = "train"
    SCORE = "score"
    """Recommend to all customers anew."""

    RESCORE = "rescore"
    """Recommend to customers of whom something changed."""

    ALLOCATE = "allocate"
    """Choose the offers of a campaign; the run's subject is its code."""

    TOP_UP = "top_up"
    """Choose offers of a running campaign for those who agreed to them since."""

    PREVIEW = "preview"
    """Choose the offers of a campaign, and make nothing of it."""

    PROMOTE = "promote"
    """Make a model the current one; the run's subject is its version."""

    ROLL_BACK = "roll_back"
    """Go back to the model that was current before."""


class RunState(StrEnum):
    """How far a run has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A run of the recommender as it stands."""

    id: RunID
    kind: RunKind
    subject: str
    """What it is about, where the kind does not say it; else empty."""

    state: RunState
    step: str
    """What is being done, for people; empty before and after."""

    done: int
    total: int
    """How much of the step there is; 0 where nobody knows."""

    asked_at: datetime
    asked_by: str
    started_at: datetime | None
    finished_at: datetime | None
    model_version: str | None
    report: Document | None
    error: str | None
    """Why it failed, in plain words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRun:
    """A run to begin."""

    kind: RunKind
    subject: str = ""
    actor: str = "system"
    only_asked: bool = False
    """Begin nothing that was not asked for: a job that comes twice does it once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A run that a process holds: nobody else may say anything of it."""

    run: Run
    attempt: int


class ModelState(StrEnum):
    """What became of a model."""

    CURRENT = "current"
    EARLIER = "earlier"
    """It was current, and one can go back to it."""

    REFUSED = "refused"
    """It was worse than what it would have replaced."""

    STORED = "stored"
    """It was never current, or was rolled back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """
    What is known of a stored model without opening it.

    ``facts`` are of its manifest: data, features, config, seed, packages; and the
    ``turn`` in which it became current, from 0, if it ever did. ``report`` is how good
    it was, and ``verdict`` what the gate said to it.
    """

    version: str
    trained_at: datetime
    state: ModelState
    facts: Document
    report: Document | None
    verdict: Document | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRecommendation:
    """A promotion to recommend; ``rank`` from 1, ``value`` in minor units."""

    customer_id: CustomerID
    rank: int
    promotion: str
    score: float
    probability: float
    value: float
    aim: Aim
    parts: Parts
    reason: Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Recommendation:
    """A promotion that would be the customer's next offer, as it stands."""

    customer_id: CustomerID
    rank: int
    promotion: str
    score: float
    probability: float
    """That the customer redeems it if it is offered."""

    value: float
    """What is expected to come of it for the shop, in minor units."""

    aim: Aim
    parts: Parts
    reason: Reason
    model_version: str
    scored_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Nothing:
    """A customer to whom nothing is recommended, and why."""

    customer_id: CustomerID
    because: NothingBecause
    model_version: str
    scored_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Scores:
    """
    What a model recommends to some customers: all that is known of each of them.

    A customer in ``customers`` who is in neither of the other two has nothing any more.
    """

    customers: tuple[CustomerID, ...]
    recommended: tuple[NewRecommendation, ...]
    nothing: Mapping[CustomerID, NothingBecause]
    model_version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """To how many customers something is recommended, and what."""

    agreed: int
    """Customers who let the shop choose offers for them."""

    served: int
    because: Mapping[NothingBecause, int] = field(default_factory=dict)
    """Those to whom nothing is recommended, by why."""

    by_promotion: Mapping[str, int] = field(default_factory=dict)
    expected: Mapping[str, float] = field(default_factory=dict)
    """How often each promotion would be redeemed, if all of it were offered now."""

    by_aim: Mapping[Aim, int] = field(default_factory=dict)

    @property
    def unscored(self) -> int:
        """Those who agreed and whom no run has come to yet."""
        return self.agreed - self.served - sum(self.because.values())
