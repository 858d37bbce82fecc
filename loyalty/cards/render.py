"""A card's number as pictures: QR and Code 128, as SVG that scales."""

import io

import segno
from barcode import Code128
from barcode.writer import SVGWriter


def qr_svg(text: str, *, label: str) -> str:
    """Return an SVG element with the text as a QR code; ``label`` names it."""
    code = segno.make(text, error="m", micro=False)
    return code.svg_inline(omitsize=True, border=2, svgclass="qr", title=label)


def code128_svg(number: str) -> str:
    """Return an SVG element with the number as a Code 128 barcode."""
    target = io.BytesIO()
    Code128(number, writer=SVGWriter()).write(
        target,
        {
            "write_text": False,
            "quiet_zone": 2.5,
            "module_height": 12,
        },
    )
    svg = target.getvalue().decode()
    return svg[svg.index("<svg") :]
