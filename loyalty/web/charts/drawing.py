"""What all charts share: the frame, the direction of reading, the table behind."""

from collections.abc import Iterable, Sequence
from typing import Final

from markupsafe import Markup, escape

from loyalty.core.texts import direction
from loyalty.core.texts import gettext as _

WIDTH: Final = 600
HEIGHT: Final = 160


def across(x: float, width: float = 0.0) -> float:
    """
    Return where something ``width`` wide at ``x`` is drawn.

    Charts run with the script: from the right in Persian.
    """
    return WIDTH - x - width if direction() == "rtl" else x


def figure(
    drawing: Markup,
    *,
    title: str,
    heads: Sequence[str] = (),
    rows: Iterable[Sequence[str]],
    kind: str = "",
    key: Markup | None = None,
) -> Markup:
    """
    Return a drawing with its title, its key and, folded away, its table.

    :param heads: the table's columns; none for a table of two that need no name
    :param rows: cells as they are written; the first names its row
    :param kind: a class that says how the drawing is laid out
    """
    return Markup(
        '<figure class="chart{kind}">{drawing}'
        "<figcaption><span>{title}</span>{key}<details><summary>{figures}</summary>"
        '<div class="scroll" tabindex="0" role="region" aria-label="{title}">'
        '<table class="listing">{heads}<tbody>{rows}</tbody></table></div>'
        "</details></figcaption></figure>"
    ).format(
        kind=f" {kind}" if kind else "",
        drawing=drawing,
        title=title,
        key=key or Markup(),
        figures=_("Figures"),
        heads=_heads(heads),
        rows=Markup().join(_row(cells) for cells in rows),
    )


def empty(title: str) -> Markup:
    """Return what stands in the place of a chart of nothing."""
    return Markup('<p class="chart-none">{}: {}</p>').format(
        title, escape(_("nothing to show yet"))
    )


def _heads(heads: Sequence[str]) -> Markup:
    if not heads:
        return Markup()
    cells = Markup().join(Markup("<th scope=col>{}</th>").format(one) for one in heads)
    return Markup("<thead><tr>{}</tr></thead>").format(cells)


def _row(cells: Sequence[str]) -> Markup:
    first, *others = cells
    return Markup("<tr><th scope=row>{}</th>{}</tr>").format(
        first, Markup().join(Markup("<td>{}</td>").format(one) for one in others)
    )
