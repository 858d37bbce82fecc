"""A card's number as pictures: QR and Code 128, as SVG that scales."""

from html import escape
from itertools import groupby

import segno
from barcode import Code128

_QUIET_MODULES = 10
_HEIGHT = 40


def qr_svg(text: str, *, label: str) -> str:
    """Return an SVG element with the text as a QR code; ``label`` names it."""
    code = segno.make(text, error="m", micro=False)
    return code.svg_inline(omitsize=True, border=2, svgclass="qr", title=label)


def code128_svg(number: str, *, label: str = "") -> str:
    """
    Return an SVG element with the number as a Code 128 barcode on white.

    Drawn from the library's modules, because its own picture colours itself by
    inline styles, which a page's content security policy refuses.
    """
    bars, at = [], _QUIET_MODULES
    for dark, run in groupby(Code128(number).build()[0]):
        width = len(list(run))
        if dark == "1":
            bars.append(f"M{at} 0h{width}v{_HEIGHT}h-{width}z")
        at += width
    width = at + _QUIET_MODULES
    return (
        f'<svg class="bars" viewBox="0 0 {width} {_HEIGHT}" role="img"'
        f' preserveAspectRatio="none" aria-label="{escape(label or number)}">'
        f'<path fill="#fff" d="M0 0h{width}v{_HEIGHT}H0z"/>'
        f'<path fill="#000" shape-rendering="crispEdges" d="{"".join(bars)}"/></svg>'
    )
