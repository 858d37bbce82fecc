"""
Estimates below each other, each a dot with its interval.

Dots and not bars: what is compared lies close together, far from zero. A bar that
does not begin at zero lies with its length, and one that does hides the difference;
a dot tells by its place alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from loyalty.core.texts import format_decimal, format_percent
from loyalty.core.texts import gettext as _
from loyalty.web.charts.drawing import WIDTH, across, empty, figure

Write = Callable[[float], str]

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

    held: float | None = None
    """What this one alone is held against, drawn as a line across its row."""

    more: tuple[str, ...] = ()
    """Further cells of the table, as they are written."""

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the most that is drawn."""
        drawn = [self.low, self.value, self.high, self.held]
        found = [place for place in drawn if place is not None]
        return min(found), max(found)


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
    held: float | None = None,
    heads: Sequence[str] = (),
    percent: bool = False,
    write: Write | None = None,
) -> Markup:
    """
    Draw estimates as dots with intervals; an empty one says so.

    :param held: what they are held against, drawn as a line through all of them
    :param heads: what ``more`` of each estimate is, for the table
    :param percent: write shares in per cent, else with three decimals
    :param write: how the figures are written, if neither way
    """
    if not estimates:
        return empty(title)
    write = write or (format_percent if percent else _decimals)
    scale = _scale(estimates, held)
    rows = Markup().join(_row(one, scale, held, write) for one in estimates)
    axis = Markup(
        '<div class="dots-axis" aria-hidden="true"><span>{}</span><span>{}</span></div>'
    ).format(write(scale.first), write(scale.last))
    return figure(
        Markup('<div class="dots">{}{}</div>').format(rows, axis),
        title=title,
        kind="chart-rows",
        heads=("", _("Value"), _("From"), _("To"), *heads),
        rows=[_cells(one, write) for one in estimates],
    )


def _decimals(value: float) -> str:
    return format_decimal(value, 3)


def _scale(estimates: Sequence[Estimate], held: float | None) -> _Scale:
    also = [] if held is None else [held]
    low = min([*(one.ends[0] for one in estimates), *also])
    high = max([*(one.ends[1] for one in estimates), *also])
    wide = (high - low) or abs(high) or 1.0
    return _Scale(low - wide * _MARGIN, high + wide * _MARGIN)


def _row(one: Estimate, scale: _Scale, held: float | None, write: Write) -> Markup:
    low = scale.place(one.value if one.low is None else one.low)
    high = scale.place(one.value if one.high is None else one.high)
    against = held if one.held is None else one.held
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
        held=Markup() if against is None else line.format(scale.place(against), _HIGH),
        low=low,
        high=high,
        y=middle,
        at=scale.place(one.value),
        value=write(one.value),
    )


def _cells(one: Estimate, write: Write) -> tuple[str, ...]:
    ends = ("", "")
    if one.low is not None and one.high is not None:
        ends = (write(one.low), write(one.high))
    return (one.label, write(one.value), *ends, *one.more)
