"""Figures in the order of time, as a line or as bars side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from loyalty.core.texts import format_number
from loyalty.core.texts import gettext as _
from loyalty.web.charts.drawing import HEIGHT, WIDTH, across, empty, figure

_BASE: Final = HEIGHT - 8
_TOP: Final = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One figure of a chart."""

    label: str
    value: int
    text: str = ""
    """How the value is written, as money; empty is the number."""

    @property
    def written(self) -> str:
        """The value for people."""
        return self.text or format_number(self.value)


def line_chart(points: Sequence[Point], *, title: str) -> Markup:
    """Draw figures in time order as a line from zero; an empty one says so."""
    if not points:
        return empty(title)
    places = _places(points)
    path = " ".join(
        f"{'L' if at else 'M'}{x:.1f} {y:.1f}" for at, (x, y) in enumerate(places)
    )
    return _figure(
        points, title, Markup('<path class="chart-line" d="{}"/>').format(path)
    )


def bar_chart(points: Sequence[Point], *, title: str) -> Markup:
    """Draw figures side by side as bars from zero; an empty one says so."""
    if not points:
        return empty(title)
    step = WIDTH / len(points)
    bar = Markup(
        '<rect class="chart-bar" x="{}" y="{}" width="{}" height="{}" rx="2"/>'
    )
    bars = Markup().join(
        bar.format(
            f"{across(at * step + step * 0.15, step * 0.7):.1f}",
            f"{_height(point.value, points):.1f}",
            f"{step * 0.7:.1f}",
            f"{_BASE - _height(point.value, points):.1f}",
        )
        for at, point in enumerate(points)
    )
    return _figure(points, title, bars)


def _places(points: Sequence[Point]) -> list[tuple[float, float]]:
    step = WIDTH / max(1, len(points) - 1)
    return [
        (across(at * step), _height(point.value, points))
        for at, point in enumerate(points)
    ]


def _height(value: int, points: Sequence[Point]) -> float:
    most = max(1, *(point.value for point in points))
    return _BASE - max(0, value) / most * (_BASE - _TOP)


def _figure(points: Sequence[Point], title: str, drawing: Markup) -> Markup:
    picture = Markup(
        '<svg viewBox="0 0 {w} {h}" role="img"'
        ' preserveAspectRatio="none" aria-label="{label}">'
        '<path class="chart-base" d="M0 {base}H{w}"/>{drawing}</svg>'
    ).format(
        w=WIDTH, h=HEIGHT, base=_BASE, label=_describe(points, title), drawing=drawing
    )
    return figure(
        picture, title=title, rows=[(point.label, point.written) for point in points]
    )


def _describe(points: Sequence[Point], title: str) -> str:
    least = min(points, key=lambda point: point.value)
    most = max(points, key=lambda point: point.value)
    return _(
        "%(title)s: %(first)s at first, %(last)s at last; "
        "least %(least)s (%(least_at)s), most %(most)s (%(most_at)s)",
        title=title,
        first=points[0].written,
        last=points[-1].written,
        least=least.written,
        least_at=least.label,
        most=most.written,
        most_at=most.label,
    )
