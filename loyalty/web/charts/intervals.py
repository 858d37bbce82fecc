"""
Estimates below each other, each a dot with its interval.

Dots and not bars: what is compared lies close together, far from zero. A bar that
does not begin at zero lies with its length, and one that does hides the difference;
a dot tells by its place alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from loyalty.core.texts import format_decimal
from loyalty.core.texts import gettext as _
from loyalty.web.charts.drawing import WIDTH, across, empty, figure

_HIGH: Final = 24
_MARGIN: Final = 0.08
"""Of what is shown, left free on both sides."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A figure with what it may be in 95 of 100 draws."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    ours: bool = False
    """Drawn so that it stands out from what it is compared with."""

    more: tuple[str, ...] = ()
    """Further cells of the table, as they are written."""

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the most that is drawn."""
        all_of_it = [x for x in (self.low, self.value, self.high) if x is not None]
        return min(all_of_it), max(all_of_it)


@dataclass(frozen=True, slots=True)
class _Scale:
    first: float
    last: float

    def place(self, value: float) -> float:
        """Return where a value is drawn."""
        wide = self.last - self.first
        return across((value - self.first) / wide * WIDTH)


def interval_chart(
    estimates: Sequence[Estimate],
    *,
    title: str,
    against: str | None = None,
    heads: Sequence[str] = (),
    places: int = 3,
) -> Markup:
    """
    Draw estimates as dots with intervals; an empty one says so.

    :param against: the label of what the others are held against: a line through
        all of them shows its value
    :param heads: what ``more`` of each estimate is, for the table
    :param places: decimals that are written
    """
    if not estimates:
        return empty(title)
    scale = _scale(estimates)
    held = next((one.value for one in estimates if one.label == against), None)
    rows = Markup().join(_row(one, scale, held, places) for one in estimates)
    axis = Markup(
        '<div class="dots-axis" aria-hidden="true"><span>{}</span><span>{}</span></div>'
    ).format(format_decimal(scale.first, places), format_decimal(scale.last, places))
    return figure(
        Markup('<div class="dots">{}{}</div>').format(rows, axis),
        title=title,
        kind="chart-rows",
        heads=("", _("Value"), _("From"), _("To"), *heads),
        rows=[_cells(one, places) for one in estimates],
    )


def _scale(estimates: Sequence[Estimate]) -> _Scale:
    low = min(one.ends[0] for one in estimates)
    high = max(one.ends[1] for one in estimates)
    wide = (high - low) or abs(high) or 1.0
    return _Scale(low - wide * _MARGIN, high + wide * _MARGIN)


def _row(one: Estimate, scale: _Scale, held: float | None, places: int) -> Markup:
    low, high = (scale.place(end) for end in one.ends)
    middle = _HIGH / 2
    line = Markup('<path class="dots-held" d="M{:.1f} 0V{}"/>')
    return Markup(
        '<div class="dots-row{kind}"><span class="dots-label">{label}</span>'
        '<svg viewBox="0 0 {w} {h}" preserveAspectRatio="none" aria-hidden="true">'
        '{held}<path class="dots-range" d="M{low:.1f} {y}H{high:.1f}"/>'
        '<path class="dots-dot" d="M{at:.1f} {y}h0.01"/></svg>'
        '<span class="dots-value">{value}</span></div>'
    ).format(
        kind=" dots-ours" if one.ours else "",
        label=one.label,
        w=WIDTH,
        h=_HIGH,
        held=Markup() if held is None else line.format(scale.place(held), _HIGH),
        low=low,
        high=high,
        y=middle,
        at=scale.place(one.value),
        value=format_decimal(one.value, places),
    )


def _cells(one: Estimate, places: int) -> tuple[str, ...]:
    ends = ("", "")
    if one.low is not None and one.high is not None:
        ends = (format_decimal(one.low, places), format_decimal(one.high, places))
    return (one.label, format_decimal(one.value, places), *ends, *one.more)
