"""What an evaluation means, as sentences with their margins of error."""

from typing import Final

from loyalty.admin.recommendations.naming import baseline_words
from loyalty.admin.recommendations.report import (
    ALL,
    FRESH,
    OWN,
    POPULAR,
    Document,
    Gain,
    Quality,
)
from loyalty.core.texts import format_percent
from loyalty.core.texts import gettext as _

_NEARLY: Final = 0.02
"""Of all probabilities: what they may be off and still be called right."""


def headlines(quality: Quality) -> list[str]:
    """Return how much better the model is than what needs no model."""
    wanted = ((ALL, OWN), (FRESH, POPULAR))
    found = (quality.gain(segment, baseline) for segment, baseline in wanted)
    return [gain_sentence(one) for one in found if one is not None]


def gain_sentence(gain: Gain) -> str:
    """Return a difference in words, its interval with it."""
    values = {
        "share": format_percent(abs(gain.share)),
        "low": format_percent(gain.low),
        "high": format_percent(gain.high),
        "other": baseline_words(gain.baseline),
    }
    if gain.segment == FRESH:
        return _fresh(gain.outcome, values)
    return _usual(gain.outcome, values)


def _usual(outcome: str, values: dict[str, str]) -> str:
    if outcome == "better":
        return _(
            "It finds %(share)s more of what customers then buy than %(other)s; in 95 "
            "of 100 draws between %(low)s and %(high)s more.",
            **values,
        )
    if outcome == "worse":
        return _(
            "It finds %(share)s less of what customers then buy than %(other)s; in 95 "
            "of 100 draws between %(low)s and %(high)s.",
            **values,
        )
    return _(
        "It can't be said whether it finds more of what customers then buy than "
        "%(other)s: in 95 of 100 draws the difference is between %(low)s and "
        "%(high)s.",
        **values,
    )


def _fresh(outcome: str, values: dict[str, str]) -> str:
    if outcome == "better":
        return _(
            "Of what they had never bought before it finds %(share)s more than "
            "%(other)s; in 95 of 100 draws between %(low)s and %(high)s more.",
            **values,
        )
    if outcome == "worse":
        return _(
            "Of what they had never bought before it finds %(share)s less than "
            "%(other)s; in 95 of 100 draws between %(low)s and %(high)s.",
            **values,
        )
    return _(
        "It can't be said whether it finds more of what they had never bought before "
        "than %(other)s: in 95 of 100 draws the difference is between %(low)s and "
        "%(high)s.",
        **values,
    )


def calibration_sentence(error: float) -> str:
    """Return whether the probabilities can be taken at their word."""
    values = {"error": format_percent(error)}
    if error <= _NEARLY:
        return _(
            "Its probabilities can be taken at their word: on average they are off "
            "by %(error)s.",
            **values,
        )
    return _(
        "Its probabilities are off by %(error)s on average: the order of offers is "
        "right all the same, but do not count on the figures.",
        **values,
    )


def verdict_sentences(verdict: Document | None) -> list[str]:
    """Return why a model was taken into use by itself, or why not."""
    if not verdict:
        return []
    found = (_finding(one) for one in verdict.get("reasons", ()))
    return list(dict.fromkeys(found))


def _finding(found: Document) -> str:
    between = found.get("comparison") or {}
    values = {
        "low": format_percent(between.get("relative_low", 0.0)),
        "high": format_percent(between.get("relative_high", 0.0)),
    }
    kind = found["kind"]
    if kind == "worse_than_running":
        return _(
            "Not taken into use: it is worse than the model that runs, between "
            "%(low)s and %(high)s in 95 of 100 draws.",
            **values,
        )
    if kind == "worse_than_own_frequency":
        return _(
            "Not taken into use: it is worse than going by what customers buy anyway, "
            "between %(low)s and %(high)s in 95 of 100 draws.",
            **values,
        )
    return {
        "first": _("It was the first: there was none to be worse than."),
        "not_worse": _("It is no worse than going by what customers buy anyway.")
        if between.get("baseline") == OWN
        else _("It is no worse than the model that ran."),
        "nothing_to_judge": _(
            "Too few customers bought anything in the last weeks to judge it."
        ),
    }.get(kind, str(kind))
