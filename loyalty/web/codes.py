"""QR codes as SVG that scales with its place on the page."""

from io import BytesIO

import segno
from markupsafe import Markup


def qr_code(text: str, *, label: str) -> Markup:
    """Draw a text as a QR code, black on white with its quiet zone, for any theme."""
    out = BytesIO()
    segno.make(text, error="m", micro=False).save(
        out,
        kind="svg",
        border=4,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgns=False,
        svgclass="qr",
        lineclass=None,
        omitsize=True,
        unit=None,
    )
    drawing = out.getvalue().decode().strip()
    attributes = Markup('<svg role="img" aria-label="{}" ').format(label)
    # Drawn by segno from modules alone: the text itself is not in the markup.
    return Markup(drawing.replace("<svg ", attributes, 1))  # noqa: S704
