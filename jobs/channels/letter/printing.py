"""A batch of letters as one PDF and a manifest.

A4 by DIN 5008, form B: the address field stands 20 mm from the left and 45 mm from the
top, where the window of a C5 or DL envelope is; the text begins 8.5 mm below it. The
address stays in the window for letters from right to left as well.
"""

import csv
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Self

import segno
from fpdf import FPDF

from loyalty.core.texts import direction, format_date, use_language
from loyalty.delivery.queries.batches import LETTERS, MANIFEST

_LEFT, _RIGHT, _FOOT = 25.0, 20.0, 25.0
_FIELD_TOP, _FIELD_WIDTH = 45.0, 80.0
_RETURN_TOP, _ADDRESS_TOP = 58.0, 62.7
_BODY_TOP: Final = 98.5
_LINE, _SMALL_LINE = 5.2, 3.0
_QR_SIDE: Final = 28.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SpooledLetter:
    """A letter that waits for its batch."""

    key: str
    address: tuple[str, ...]
    language: str
    subject: str
    text: str
    url: str | None
    day: str
    """When it was written, as ``2026-12-24``."""

    def as_document(self) -> dict[str, object]:
        """Return it as it is spooled."""
        return asdict(self)

    @classmethod
    def from_document(cls, stored: dict[str, Any]) -> Self:
        """Read what was spooled."""
        return cls(**{**stored, "address": tuple(stored["address"])})


def write_batch(folder: Path, letters: Sequence[SpooledLetter], *, sender: str) -> None:
    """
    Write ``letters.pdf`` and ``manifest.csv``, the same for the same letters.

    :param sender: the sender's address in one line
    :raises OSError: if the folder can't be written
    """
    paper = _Paper(sender)
    rows = []
    for number, letter in enumerate(letters, start=1):
        first = paper.page_no() + 1
        paper.add_letter(letter)
        pages = paper.page_no() - first + 1
        rows.append((number, letter.key, letter.language, first, pages))
    paper.output(str(folder / LETTERS))
    with (folder / MANIFEST).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("number", "key", "language", "first_page", "pages"))
        table.writerows(rows)
    for name in (LETTERS, MANIFEST):
        handle = os.open(folder / name, os.O_RDWR)
        os.fchmod(handle, 0o600)
        os.fsync(handle)
        os.close(handle)


class _Paper(FPDF):
    """Letters one after another, each on pages of its own."""

    def __init__(self, sender: str) -> None:
        super().__init__(format="A4")
        self._sender = sender
        self.set_margins(_LEFT, _LEFT, _RIGHT)
        self.set_auto_page_break(auto=True, margin=_FOOT)
        self.add_font("latin", fname=_font("fontpkg_noto_sans", "NotoSans"))
        self.add_font(
            "arabic", fname=_font("fontpkg_noto_sans_arabic", "NotoSansArabic")
        )
        self.set_fallback_fonts(["arabic"])

    def add_letter(self, letter: SpooledLetter) -> None:
        """Write one letter, on as many pages as it takes."""
        self.add_page()
        self.set_text_shaping(use_shaping_engine=True)
        self._lines((self._sender,), top=_RETURN_TOP, size=7, height=_SMALL_LINE)
        self._lines(letter.address, top=_ADDRESS_TOP, size=10.5, height=4.5)
        if letter.url:
            self._code(letter.url)
        across = direction(letter.language)
        self.set_text_shaping(use_shaping_engine=True, direction=across)
        align = "R" if across == "rtl" else "L"
        with use_language(letter.language):
            day = format_date(date.fromisoformat(letter.day), style="full")
        self.set_xy(_LEFT, _BODY_TOP)
        self._paragraph(day, size=10, align="L" if across == "rtl" else "R")
        self._paragraph(letter.subject, size=13, align=align)
        for paragraph in letter.text.split("\n\n"):
            self._paragraph(paragraph.strip(), size=10.5, align=align)

    def _paragraph(self, text: str, *, size: float, align: str) -> None:
        if text:
            self.set_font("latin", size=size)
            self.multi_cell(0, _LINE, text, align=align, new_x="LMARGIN", new_y="NEXT")
            self.ln(_LINE / 2)

    def _lines(
        self, lines: Sequence[str], *, top: float, size: float, height: float
    ) -> None:
        """Write lines into the window, each smaller if it would leave it."""
        for place, line in enumerate(lines):
            self.set_font("latin", size=size)
            width = self.get_string_width(line)
            if width > _FIELD_WIDTH:
                self.set_font_size(size * _FIELD_WIDTH / width)
            self.set_xy(_LEFT, top + place * height)
            self.cell(_FIELD_WIDTH, height, line)

    def _code(self, url: str) -> None:
        """Draw the link as a QR code beside the address field."""
        matrix = list(segno.make(url, micro=False, error="m").matrix_iter(border=0))
        step = _QR_SIDE / len(matrix)
        left = self.w - _RIGHT - _QR_SIDE
        self.set_fill_color(0)
        for y, row in enumerate(matrix):
            for x, dark in enumerate(row):
                if dark:
                    at = (left + x * step, _FIELD_TOP + y * step)
                    self.rect(*at, step, step, style="F")


@cache
def _font(package: str, family: str) -> Path:
    (found,) = (
        Path(str(one))
        for one in (files(package) / "files").iterdir()
        if one.name.startswith(f"{family}[")
    )
    return found
