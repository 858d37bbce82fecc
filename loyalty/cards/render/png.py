"""The sign of the card as a PNG of any size: bars on a rounded ground."""

import struct
import zlib
from typing import Final

_GROUND: Final = bytes((15, 92, 85, 255))
_BARS: Final = bytes((255, 255, 255, 255))
_NOTHING: Final = bytes(4)
_BAR_AT: Final = (0.22, 0.30, 0.38, 0.42, 0.50, 0.62, 0.68, 0.78)
"""Where bars begin and end, as shares of the width, by turns."""


def picture(width: int, height: int) -> bytes:
    """Return the sign, as many pixels wide and high, with a clear corner."""
    rows = (
        b"\0" + b"".join(_pixel(x, y, width, height) for x in range(width))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b"".join(rows), 9))
        + _chunk(b"IEND", b"")
    )


def _pixel(x: int, y: int, width: int, height: int) -> bytes:
    across, down = (x + 0.5) / width, (y + 0.5) / height
    radius = 0.2
    beside = max(radius - across, across - 1 + radius, 0.0)
    beyond = max(radius - down, down - 1 + radius, 0.0)
    if beside**2 + beyond**2 > radius**2:
        return _NOTHING
    passed = sum(across >= edge for edge in _BAR_AT)
    inside = passed % 2 == 1 and abs(down - 0.5) < 0.25  # noqa: PLR2004  # half high
    return _BARS if inside else _GROUND


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
