"""Kinds of one thing in the order of time, as bars made of parts."""

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
class Kind:
    """What one part of every bar stands for; ``tone`` as badges have it."""

    label: str
    tone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One bar: how much of each kind there was, in the kinds' order."""

    label: str
    counts: Sequence[int]


def stacked_chart(bars: Sequence[Bar], kinds: Sequence[Kind], *, title: str) -> Markup:
    """Draw bars from zero, their parts upon each other; nothing at all says so."""
    most = max((sum(bar.counts) for bar in bars), default=0)
    if not most:
        return empty(title)
    step = WIDTH / len(bars)
    drawn = Markup().join(
        _bar(bar, kinds, across(at * step + step * 0.12, step * 0.76), step, most)
        for at, bar in enumerate(bars)
    )
    sums = [sum(bar.counts[n] for bar in bars) for n in range(len(kinds))]
    return figure(
        Markup(
            '<svg viewBox="0 0 {w} {h}" role="img" preserveAspectRatio="none"'
            ' aria-label="{label}"><path class="chart-base" d="M0 {base}H{w}"/>'
            "{drawn}</svg>"
        ).format(
            w=WIDTH,
            h=HEIGHT,
            base=_BASE,
            label=_describe(title, kinds, sums),
            drawn=drawn,
        ),
        title=title,
        key=Markup('<ul class="chart-key">{}</ul>').format(
            Markup().join(
                _key(kind, total) for kind, total in zip(kinds, sums, strict=True)
            )
        ),
        heads=("", *(kind.label for kind in kinds)),
        rows=[
            (bar.label, *(format_number(count) for count in bar.counts)) for bar in bars
        ],
    )


def _bar(bar: Bar, kinds: Sequence[Kind], x: float, step: float, most: int) -> Markup:
    part = Markup(
        '<rect class="fill-{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>'
    )
    parts, top = [], float(_BASE)
    for kind, count in zip(kinds, bar.counts, strict=True):
        if count:
            high = max(1.5, count / most * (_BASE - _TOP))
            top -= high
            parts.append(part.format(kind.tone, x, top, step * 0.76, high))
    return Markup().join(parts)


def _key(kind: Kind, total: int) -> Markup:
    return Markup(
        '<li><span class="dot fill-{}"></span><span>{}</span> <strong>{}</strong></li>'
    ).format(kind.tone, kind.label, format_number(total))


def _describe(title: str, kinds: Sequence[Kind], sums: Sequence[int]) -> str:
    parts = "; ".join(
        f"{kind.label} {format_number(total)}"
        for kind, total in zip(kinds, sums, strict=True)
    )
    return _("%(title)s: %(parts)s", title=title, parts=parts)
