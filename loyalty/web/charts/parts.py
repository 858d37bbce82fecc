"""What adds up to a figure: bars to both sides of a line, for and against."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from loyalty.core.texts import format_decimal
from loyalty.core.texts import gettext as _
from loyalty.web.charts.drawing import WIDTH, across, empty, figure

_HIGH: Final = 16
_LEAST: Final = 1.0
"""What the longest bar stands for at least, so that a trifle looks like one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Something that raises or lowers a figure."""

    label: str
    value: float
    words: str
    """How much, in words."""


def parts_chart(parts: Sequence[Part], *, title: str) -> Markup:
    """Draw parts as bars to both sides of zero; an empty one says so."""
    if not parts:
        return empty(title)
    most = max(_LEAST, *(abs(one.value) for one in parts))
    rows = Markup().join(_row(one, most) for one in parts)
    return figure(
        Markup('<div class="dots parts">{}</div>').format(rows),
        title=title,
        kind="chart-rows",
        heads=("", _("How much"), _("Log-odds")),
        rows=[
            (one.label, one.words, format_decimal(one.value, 2, signed=True))
            for one in parts
        ],
    )


def _row(one: Part, most: float) -> Markup:
    wide = abs(one.value) / most * WIDTH / 2
    start = WIDTH / 2 - (wide if one.value < 0 else 0)
    return Markup(
        '<div class="dots-row"><span class="dots-label">{label}</span>'
        '<svg viewBox="0 0 {w} {h}" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="{kind}" x="{x:.1f}" y="2" width="{wide:.1f}" height="{bar}"/>'
        '<path class="chart-base" d="M{middle} 0V{h}"/></svg>'
        '<span class="dots-value">{words}</span></div>'
    ).format(
        label=one.label,
        w=WIDTH,
        h=_HIGH,
        kind="fill-good" if one.value >= 0 else "fill-warn",
        x=across(start, wide),
        wide=wide,
        bar=_HIGH - 4,
        middle=WIDTH / 2,
        words=one.words,
    )
