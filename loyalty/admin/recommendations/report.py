"""
What an evaluation found, as the pages show it.

The recommender is not known here: a report is the JSON that it left with a model.
Sections that an evaluation did not have are empty.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from loyalty.admin.recommendations.naming import (
    history_name,
    ranking_name,
    segment_name,
)
from loyalty.core.texts import format_decimal, format_number, format_percent
from loyalty.core.texts import gettext as _
from loyalty.web.charts import Bin, Estimate

Document = Mapping[str, Any]

ALL: Final = "all"
FRESH: Final = "fresh"
OWN: Final = "own frequency"
POPULAR: Final = "popularity"
ENOUGH: Final = 20
"""Customers: of fewer, nothing can be said."""

_REDEMPTION: Final = "redemption"
_WITHOUT: Final = "re-ranker without LightFM"


@dataclass(frozen=True, kw_only=True, slots=True)
class Gain:
    """How much more one ranking finds than another, as shares of what that finds."""

    segment: str
    baseline: str
    share: float
    low: float
    high: float
    outcome: str
    """``better``, ``worse`` or ``unclear``."""

    households: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """Estimates to draw together, and the value they are held against."""

    estimates: tuple[Estimate, ...]
    held: float | None = None
    label: str = ""
    households: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """Whether probabilities come true."""

    bins: tuple[Bin, ...]
    pairs: int
    error: float
    better: float
    """How much smaller the squared error is than that of one figure for all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """An evaluation for the page."""

    k: int
    days: int
    cutoffs: tuple[str, ...]
    resamples: int
    households: int
    gains: tuple[Gain, ...]
    everything: Picture
    fresh: Picture
    segments: Picture
    without: Picture
    cold: tuple[Picture, ...]
    campaigns: tuple[Picture, ...]
    redeemers: Picture
    width: tuple[tuple[str, ...], ...]
    calibration: Calibration | None

    @property
    def glance(self) -> Picture:
        """Ours beside what needs no model."""
        names = {ranking_name(OWN), ranking_name(POPULAR)}
        estimates = self.everything.estimates
        shown = tuple(
            replace(one, more=()) for one in estimates if one.ours or one.label in names
        )
        return replace(self.everything, estimates=shown)

    def gain(self, segment: str, baseline: str) -> Gain | None:
        """Return the difference to a baseline in a segment, if it was looked at."""
        for one in self.gains:
            if (one.segment, one.baseline) == (segment, baseline):
                return one
        return None


def quality_of(report: Document, *, stores: Mapping[str, str]) -> Quality:
    """
    Return a report for the page.

    :param stores: the name of each store by its code
    """
    gains = tuple(_gains(report, "ranking"))
    everything = _ranking(report, ALL)
    return Quality(
        k=report["k"],
        days=report["window_days"],
        cutoffs=tuple(report["cutoffs"]),
        resamples=report["resamples"],
        households=everything.households,
        gains=gains,
        everything=everything,
        fresh=_ranking(report, FRESH),
        segments=_segments(report, stores),
        without=_without(gains),
        cold=tuple(_cold(report)),
        campaigns=tuple(_campaigns(report)),
        redeemers=_redeemers(report),
        width=tuple(_width(row) for row in report.get("coverage", ())),
        calibration=_calibration(report.get("calibration")),
    )


def _gains(report: Document, task: str) -> Iterable[Gain]:
    for one in report.get("comparisons", ()):
        if one["task"] == task and one["model"] == report["model"]:
            yield Gain(
                segment=one["segment"],
                baseline=one["baseline"],
                share=one["relative"],
                low=one["relative_low"],
                high=one["relative_high"],
                outcome=one["outcome"],
                households=one["households"],
            )


def _ranking(report: Document, segment: str) -> Picture:
    rows = [row for row in report.get("ranking", ()) if row["segment"] == segment]
    return Picture(
        estimates=tuple(
            _estimate(
                row,
                ours=row["model"] == report["model"],
                more=(
                    format_percent(row["precision"]),
                    format_percent(row["recall"]),
                    format_decimal(row["map"], 3),
                ),
            )
            for row in sorted(rows, key=lambda row: float(row["ndcg"]))
        ),
        held=_value(rows, OWN if segment == ALL else POPULAR),
        households=max((row["households"] for row in rows), default=0),
    )


def _estimate(
    row: Document, *, ours: bool, more: tuple[str, ...] = (), value: str = "ndcg"
) -> Estimate:
    return Estimate(
        label=ranking_name(row["model"]),
        value=row[value],
        low=row["low"],
        high=row["high"],
        ours=ours,
        more=more,
    )


def _value(rows: Iterable[Document], model: str) -> float | None:
    return next((row["ndcg"] for row in rows if row["model"] == model), None)


def _segments(report: Document, stores: Mapping[str, str]) -> Picture:
    """Return ours by kind of customer, each beside what they buy anyway."""
    rows = report.get("ranking", ())
    plain = {row["segment"]: row["ndcg"] for row in rows if row["model"] == OWN}
    return Picture(
        estimates=tuple(
            Estimate(
                label=segment_name(row["segment"], stores),
                value=row["ndcg"],
                low=row["low"],
                high=row["high"],
                held=plain.get(row["segment"]),
                ours=True,
                more=(
                    _written(plain.get(row["segment"])),
                    format_number(row["households"]),
                ),
            )
            for row in rows
            if row["model"] == report["model"]
            and row["segment"] not in (ALL, FRESH)
            and row["households"] >= ENOUGH
        )
    )


def _written(value: float | None) -> str:
    return "" if value is None else format_decimal(value, 3)


def _without(gains: Iterable[Gain]) -> Picture:
    """Return how much more is found than by the same without LightFM."""
    names = {ALL: _("All that they buy"), FRESH: _("What is new to them")}
    return _gained(
        (names[one.segment], one)
        for one in gains
        if one.baseline == _WITHOUT and one.segment in names
    )


def _gained(named: Iterable[tuple[str, Gain]]) -> Picture:
    return Picture(
        estimates=tuple(
            Estimate(
                label=label,
                value=one.share,
                low=one.low,
                high=one.high,
                ours=one.outcome == "better",
                more=(format_number(one.households),),
            )
            for label, one in named
        ),
        held=0.0,
    )


def _cold(report: Document) -> Iterable[Picture]:
    rows = report.get("cold_start", ())
    for history in dict.fromkeys(row["history"] for row in rows):
        found = [row for row in rows if row["history"] == history]
        yield Picture(
            label=history_name(history),
            estimates=tuple(
                _estimate(row, ours=row["model"] == report["model"]) for row in found
            ),
            held=_value(found, POPULAR),
            households=max(row["households"] for row in found),
        )


def _campaigns(report: Document) -> Iterable[Picture]:
    rows = (report.get("campaigns") or {}).get("rows", ())
    for segment in dict.fromkeys(row["segment"] for row in rows):
        found = [row for row in rows if row["segment"] == segment]
        yield Picture(
            label=segment,
            estimates=tuple(_estimate(row, ours=_redeems(row)) for row in found),
            households=max(row["households"] for row in found),
        )


def _redeems(row: Document) -> bool:
    """Test whether the row is of the model that says who redeems what."""
    return bool(row["model"] == _REDEMPTION)


def _redeemers(report: Document) -> Picture:
    rows = (report.get("campaigns") or {}).get("redeemers", ())
    found = [row for row in rows if row["auc"] is not None]
    return Picture(
        estimates=tuple(
            _estimate(row, ours=_redeems(row), value="auc") for row in found
        ),
        households=max((row["households"] for row in found), default=0),
    )


def _width(row: Document) -> tuple[str, ...]:
    return (
        ranking_name(row["model"]),
        *(format_percent(row[name]) for name in ("items", "customers", "fresh")),
        format_decimal(row["novelty"], 1),
    )


def _calibration(found: Document | None) -> Calibration | None:
    if not found or not found["bins"]:
        return None
    plain = found["brier_of_rate"]
    return Calibration(
        bins=tuple(
            Bin(
                predicted=one["predicted"], observed=one["observed"], count=one["pairs"]
            )
            for one in found["bins"]
            if one["pairs"]
        ),
        pairs=found["pairs"],
        error=found["error"],
        better=1 - found["brier"] / plain if plain else 0.0,
    )
