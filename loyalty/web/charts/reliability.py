"""What was promised against what came: a curve that should lie on the diagonal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from loyalty.core.texts import direction, format_number, format_percent
from loyalty.core.texts import gettext as _
from loyalty.web.charts.drawing import empty, figure

SIDE: Final = 300
_EDGE: Final = 36
_FULL: Final = SIDE - 2 * _EDGE
_STEPS: Final = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0)
"""Where the axes may end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bin:
    """Predictions that lie close together."""

    predicted: float
    """Their mean, 0 to 1."""

    observed: float
    """The share of them that came true."""

    count: int
    low: float | None = None
    high: float | None = None


def reliability_chart(bins: Sequence[Bin], *, title: str) -> Markup:
    """Draw observed shares over predicted ones; an empty one says so."""
    if not bins:
        return empty(title)
    most = _most(bins)
    picture = Markup(
        '<svg class="square" viewBox="0 0 {side} {side}" role="img"'
        ' aria-label="{label}">{axes}{ranges}{curve}{dots}</svg>'
    ).format(
        side=SIDE,
        label=_describe(bins, title),
        axes=_axes(most),
        ranges=Markup().join(_range(one, most) for one in bins),
        curve=_curve(bins, most),
        dots=Markup().join(_dot(one, most) for one in bins),
    )
    return figure(
        picture,
        title=title,
        kind="chart-curve",
        heads=(_("Predicted"), _("Came true"), _("From"), _("To"), _("Predictions")),
        rows=[_cells(one) for one in bins],
    )


def _most(bins: Sequence[Bin]) -> float:
    highest = max(max(one.predicted, one.observed, one.high or 0) for one in bins)
    return next((step for step in _STEPS if highest <= step), _STEPS[-1])


def _x(value: float, most: float) -> float:
    place = _EDGE + min(1.0, value / most) * _FULL
    return SIDE - place if direction() == "rtl" else place


def _y(value: float, most: float) -> float:
    return SIDE - _EDGE - min(1.0, value / most) * _FULL


def _axes(most: float) -> Markup:
    low, high = _x(0, most), _x(most, most)
    side = low - 6 if low < high else low + 6
    base = SIDE - _EDGE
    # An anchor follows the direction of the text: "end" is its left side in Persian.
    return Markup(
        '<path class="chart-base" d="M{low} {base}H{high}M{low} {base}V{top}"/>'
        '<path class="dots-held" d="M{low} {base}L{high} {top}"/>'
        '<text class="chart-tick" x="{low}" y="{under}" text-anchor="middle">{zero}'
        '</text><text class="chart-tick" x="{high}" y="{under}" text-anchor="middle">'
        '{most}</text><text class="chart-tick" x="{side}" y="{at_top}"'
        ' text-anchor="end">{most}</text>'
        '<text class="chart-tick" x="{middle}" y="{under}" text-anchor="middle">'
        '{predicted} {arrow}</text><text class="chart-tick" x="{low}" y="{over}"'
        ' text-anchor="start">↑ {observed}</text>'
    ).format(
        low=low,
        high=high,
        base=base,
        top=_EDGE,
        under=base + 20,
        over=_EDGE - 14,
        at_top=_EDGE + 4,
        side=side,
        middle=SIDE / 2,
        zero=format_percent(0),
        most=format_percent(most),
        predicted=_("predicted"),
        arrow="←" if direction() == "rtl" else "→",
        observed=_("came true"),
    )


def _range(one: Bin, most: float) -> Markup:
    if one.low is None or one.high is None:
        return Markup()
    return Markup('<path class="dots-range" d="M{:.1f} {:.1f}V{:.1f}"/>').format(
        _x(one.predicted, most), _y(one.low, most), _y(one.high, most)
    )


def _curve(bins: Sequence[Bin], most: float) -> Markup:
    places = [(_x(one.predicted, most), _y(one.observed, most)) for one in bins]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    return Markup('<path class="chart-line" d="M{}"/>').format(path)


def _dot(one: Bin, most: float) -> Markup:
    return Markup('<circle class="chart-bar" cx="{:.1f}" cy="{:.1f}" r="4"/>').format(
        _x(one.predicted, most), _y(one.observed, most)
    )


def _describe(bins: Sequence[Bin], title: str) -> str:
    worst = max(bins, key=lambda one: abs(one.predicted - one.observed))
    return _(
        "%(title)s: furthest from what was predicted where %(predicted)s was said "
        "and %(observed)s came true",
        title=title,
        predicted=format_percent(worst.predicted),
        observed=format_percent(worst.observed),
    )


def _cells(one: Bin) -> tuple[str, ...]:
    ends = ("", "")
    if one.low is not None and one.high is not None:
        ends = (format_percent(one.low), format_percent(one.high))
    return (
        format_percent(one.predicted),
        format_percent(one.observed),
        *ends,
        format_number(one.count),
    )
