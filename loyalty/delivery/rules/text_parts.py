"""How many parts a text message takes (3GPP TS 23.038 and 23.040).

Texts of the GSM alphabet are packed in septets: 160 in one part, 153 in each of
several, where a header takes the rest. A letter of the extension table takes two
septets, which never stand in two parts. All other texts are UTF-16: 70 units in one
part, 67 in each of several, and the two units of a surrogate pair stay together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("^{}\\[~]|€\f")
_BEYOND_BMP: Final = 0xFFFF


class Encoding(StrEnum):
    """In what alphabet a text travels."""

    GSM_7 = "gsm7"
    UCS_2 = "ucs2"


_ROOM: Final = {Encoding.GSM_7: (160, 153), Encoding.UCS_2: (70, 67)}
"""Units in the only part, and in each of several."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What a text takes."""

    encoding: Encoding
    units: int
    """Septets, or units of UTF-16."""

    parts: int


def measure(text: str) -> Measured:
    """Return how a text is sent; an empty one takes a part as well."""
    letters = set(text)
    if letters <= _BASIC | _EXTENSION:
        encoding = Encoding.GSM_7
        sizes = [2 if letter in _EXTENSION else 1 for letter in text]
    else:
        encoding = Encoding.UCS_2
        sizes = [2 if ord(letter) > _BEYOND_BMP else 1 for letter in text]
    alone, several = _ROOM[encoding]
    units = sum(sizes)
    parts = 1 if units <= alone else _filled(sizes, several)
    return Measured(encoding=encoding, units=units, parts=parts)


def _filled(sizes: Iterable[int], room: int) -> int:
    """Return how many parts are filled when no letter is cut in two."""
    parts, left = 1, room
    for size in sizes:
        if size > left:
            parts, left = parts + 1, room
        left -= size
    return parts
