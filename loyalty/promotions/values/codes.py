"""Coupon codes as a marketer orders them: batches of secret ones, and shared words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

BatchID = NewType("BatchID", int)


class BatchKind(StrEnum):
    """Whether each customer gets a code of their own."""

    BULK = "bulk"
    SHARED = "shared"


class BatchState(StrEnum):
    """How far the codes of a batch have been made; they count once it is ready."""

    ORDERED = "ordered"
    MAKING = "making"
    READY = "ready"
    BROKEN = "broken"
    """The file did not get through: none of its codes counts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeTerms:
    """What holds for every code of a batch, beside the promotion's own terms."""

    label: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """Half open; None is as long as the promotion."""

    uses: int | None = 1
    """How often each code may be used in all; None: any number of times."""

    per_customer: int | None = None
    """How often one customer may use it; such a code needs a card."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Codes that were made together, or one shared word."""

    id: BatchID
    promotion: str
    kind: BatchKind
    state: BatchState
    terms: CodeTerms
    pattern: str
    """How its codes look, ``#`` for what is random; of a shared one the word itself."""

    count: int
    made: int
    used: int
    """Uses that were not given back."""

    ordered_at: datetime
    ordered_by: str
    voided_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Withheld:
    """Why codes are not looked up just now, and in how many seconds they will be."""

    too_many: bool
    """Too many wrong ones were tried; else the counter of attempts is away."""

    retry_after: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeOrder:
    """Secret codes to be made: how they look, how many, and what holds for them."""

    pattern: str
    count: int
    terms: CodeTerms


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeRequest:
    """Who orders codes; a key makes a repeated request harmless."""

    actor: str
    key: str | None = None
    hash: bytes | None = None
    """Of the whole request, so that a key can't stand for two."""
