"""What the recommender's figures are called in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from loyalty.core.texts import format_number, format_percent
from loyalty.core.texts import gettext as _
from loyalty.offers.values import Aim, NothingBecause
from loyalty.web.charts import Part

BASE: Final = "base"
"""The part of a score with which each of a customer's offers begins."""

_CERTAIN: Final = 0.95
_EVEN: Final = 0.55
_LEAST: Final = 0.0005
_HARDLY: Final = 0.1
_LITTLE: Final = 0.5
_CLEARLY: Final = 1.5


def chance(probability: float) -> str:
    """Return a probability as people say it, with the figure behind."""
    written = format_percent(probability)
    if probability >= _CERTAIN:
        return _("almost certain (%(share)s)", share=written)
    if probability < _LEAST:
        return _("hardly any chance")
    if probability > _EVEN:
        tenths = format_number(round(probability * 10))
        return _("about %(n)s in 10 (%(share)s)", n=tenths, share=written)
    return _(
        "about 1 in %(n)s (%(share)s)",
        n=format_number(max(1, round(1 / probability))),
        share=written,
    )


def aim_name(aim: Aim) -> str:
    """Return what an offer is for."""
    return {
        Aim.REWARD: _("for a habit"),
        Aim.DISCOVERY: _("something new"),
    }[aim]


def parts_of(parts: Mapping[str, float]) -> list[Part]:
    """Return the parts of a score in words, the base first, then by their weight."""
    ordered = sorted(parts.items(), key=lambda part: (part[0] != BASE, -abs(part[1])))
    return [
        Part(label=part_name(name), value=value, words=_strength(name, value))
        for name, value in ordered
        if name == BASE or abs(value) >= _HARDLY / 2
    ]


def part_name(group: str) -> str:
    """Return what a part of a score is about; one unknown here by its own name."""
    return {
        BASE: _("An ordinary offer"),
        "habit": _("How often they buy it"),
        "rhythm": _("Whether it is due again"),
        "wishes": _("What they told us they like"),
        "taste": _("What goes with their taste"),
        "neighbours": _("What similar customers buy"),
        "popular": _("How much everybody buys it"),
        "household": _("How much they shop at all"),
        "offer": _("What the offer is like"),
        "responses": _("What became of earlier offers"),
    }.get(group, group)


def _strength(group: str, value: float) -> str:
    if group == BASE:
        return _("where all begin")
    size = abs(value)
    if size < _HARDLY:
        return _("hardly anything")
    if value > 0:
        if size < _LITTLE:
            return _("a little likelier")
        return _("likelier") if size < _CLEARLY else _("much likelier")
    if size < _LITTLE:
        return _("a little less likely")
    return _("less likely") if size < _CLEARLY else _("much less likely")


def nothing_why(cause: NothingBecause) -> str:
    """Return why customers get nothing, as the head of a line."""
    return {
        NothingBecause.NOTHING_FITS: _("No promotion is for something they may get"),
        NothingBecause.NOT_WANTED: _("They said “not for me” to all that is left"),
        NothingBecause.HAD_LATELY: _("They were offered all of it lately"),
        NothingBecause.NOT_WORTH_IT: _("Every offer would cost more than it brings"),
        NothingBecause.BUDGET_SPENT: _("The budget went where it brings more"),
    }[cause]


def nothing_advice(cause: NothingBecause) -> str:
    """Return what one can do about it."""
    return {
        NothingBecause.NOTHING_FITS: _(
            "Add personal promotions about other categories, or widen those there "
            "are: a promotion on a department fits more people than one on an article."
        ),
        NothingBecause.NOT_WANTED: _(
            "Add promotions about something else. What they do not want is not "
            "offered again for some weeks."
        ),
        NothingBecause.HAD_LATELY: _(
            "Nothing needs doing: they get it again when a week has passed. More "
            "promotions would give them something in the meantime."
        ),
        NothingBecause.NOT_WORTH_IT: _(
            "Offer less off, or say in the campaign what a redemption is worth to you "
            "beyond its margin."
        ),
        NothingBecause.BUDGET_SPENT: _(
            "Raise the campaign's budget or its cap on offers, or the promotions' own "
            "limits."
        ),
    }[cause]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """Why so many customers get nothing, and what one can do about it."""

    cause: NothingBecause
    count: int
    why: str
    advice: str


def explained(counts: Mapping[NothingBecause, int]) -> list[Cause]:
    """Return why customers get nothing, the most frequent first."""
    return [
        Cause(
            cause=cause,
            count=count,
            why=nothing_why(cause),
            advice=nothing_advice(cause),
        )
        for cause, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]
