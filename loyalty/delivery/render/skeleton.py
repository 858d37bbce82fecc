"""
The layout of a mail: compiled from MJML once a process, then only filled in.

MJML is compiled to tables and inline styles that mail programs agree upon, fifteen
thousand characters of them. What is filled in for one mail is short. So a page keeps
its pieces: what never changes can be encoded for the wire once and for all.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Self

from mjml import mjml2html

_SOURCE: Final = "mail.mjml"
_BLOCK: Final = re.compile(r"<!--(\w+)-->(.*?)<!--/\1-->", re.DOTALL)
_HOLE: Final = re.compile(r"~(\w+)~")
_STARTS: Final = {"ltr": "left", "rtl": "right"}

Values = Mapping[str, str]
"""What is filled in, by the name of its place; escaped already."""


class Page(str):
    """A page that knows which of its pieces never change: the odd ones, from 1."""

    __slots__ = ("pieces",)
    pieces: tuple[str, ...]

    @classmethod
    def of(cls, pieces: Sequence[str]) -> Self:
        """Return the page of these pieces."""
        page = cls("".join(pieces))
        page.pieces = tuple(pieces)
        return page


@dataclass(frozen=True, slots=True)
class _Part:
    """Text with holes, which comes once, or as often as its block is asked for."""

    block: str | None
    fixed: tuple[str, ...]
    holes: tuple[str, ...]

    def fill(self, values: Values) -> Iterator[str]:
        """Yield fixed text and values in turns, beginning and ending with fixed."""
        for fixed, hole in zip(self.fixed, self.holes, strict=False):
            yield fixed
            yield values[hole]
        yield self.fixed[-1]


class Skeleton:
    """A compiled layout."""

    def __init__(self, html: str) -> None:
        """Take it apart: blocks between comments, and holes between tildes."""
        self._parts: list[_Part] = []
        # Names and texts of the blocks stand between the texts outside of them.
        pieces = _BLOCK.split(html)
        for at in range(0, len(pieces), 3):
            self._parts.append(_part(None, pieces[at]))
            if at + 1 < len(pieces):
                self._parts.append(_part(pieces[at + 1], pieces[at + 2]))

    def fill(self, values: Values, blocks: Mapping[str, Sequence[Values]]) -> Page:
        """
        Return the page with its holes filled in.

        :param blocks: for each block, the values of each time that it comes
        :raises KeyError: if a value is missing
        """
        pieces: list[str] = []
        for part in self._parts:
            each = (values,) if part.block is None else blocks.get(part.block, ())
            for filling in each:
                if pieces:
                    pieces.append("")
                pieces += part.fill(filling)
        return Page.of(pieces)


@cache
def mail_skeleton(direction: str) -> Skeleton:
    """Return the layout of mails for a language of a direction, ``ltr`` or ``rtl``."""
    source = files(__package__).joinpath(_SOURCE).read_text(encoding="utf-8")
    source = source.replace("$direction$", direction)
    return Skeleton(mjml2html(source.replace("$start$", _STARTS[direction])))


def _part(block: str | None, text: str) -> _Part:
    pieces = _HOLE.split(text)
    return _Part(block, tuple(pieces[::2]), tuple(pieces[1::2]))
