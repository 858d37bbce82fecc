"""Parts of a whole beside each other, with a key that names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from loyalty.core.texts import format_number, format_percent
from loyalty.core.texts import gettext as _
from loyalty.web.charts.drawing import WIDTH, across, empty, figure

_HIGH: Final = 28


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """One part; ``tone`` is a colour by its meaning, as badges have it."""

    label: str
    count: int
    tone: str = "plain"


def share_chart(shares: Sequence[Share], *, title: str) -> Markup:
    """Draw what a whole is made of as one bar; an empty whole says so."""
    whole = sum(one.count for one in shares)
    if not whole:
        return empty(title)
    return figure(
        Markup(
            '<svg class="share-whole" viewBox="0 0 {} {}" preserveAspectRatio="none"'
            ' role="img" aria-label="{}">{}</svg>'
        ).format(WIDTH, _HIGH, _describe(shares, title, whole), _pieces(shares, whole)),
        title=title,
        kind="chart-shares",
        key=Markup('<ul class="chart-key">{}</ul>').format(
            Markup().join(_key(one, whole) for one in shares)
        ),
        rows=[
            (one.label, format_number(one.count), format_percent(one.count / whole))
            for one in shares
        ],
    )


def _pieces(shares: Sequence[Share], whole: int) -> Markup:
    piece = Markup(
        '<rect class="fill-{}" x="{:.1f}" y="0" width="{:.1f}" height="{}"/>'
    )
    drawn, start = [], 0.0
    for one in shares:
        wide = one.count / whole * WIDTH
        # A hair between two parts: colours alone do not tell them apart.
        drawn.append(
            piece.format(one.tone, across(start, wide), max(0.0, wide - 2), _HIGH)
        )
        start += wide
    return Markup().join(drawn)


def _key(one: Share, whole: int) -> Markup:
    return Markup(
        '<li><span class="dot fill-{}"></span><span>{}</span> <strong>{}</strong>'
        ' <span class="soft">{}</span></li>'
    ).format(
        one.tone, one.label, format_number(one.count), format_percent(one.count / whole)
    )


def _describe(shares: Sequence[Share], title: str, whole: int) -> str:
    parts = "; ".join(
        f"{one.label} {format_percent(one.count / whole)}" for one in shares
    )
    return _("%(title)s: %(parts)s", title=title, parts=parts)
