"""From a source to Jinja's syntax tree, after a look at its symbols.

Jinja's parser calls itself for each bracket, so what is nested deeply is refused by a
count of symbols before it. Nothing here runs what was written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from loyalty.templates.rules.filters import FILTERS
from loyalty.templates.rules.limits import DEPTH, TAGS, TOKENS
from loyalty.templates.values import FlawKind

_ENDS: Final = {"endif": "if", "endfor": "for"}
_BETWEEN: Final = {"elif", "else"}
_BEGINS: Final = ("variable_begin", "block_begin", "comment_begin", "raw_begin")
_WIDE: Final = re.compile(r"\d{10,}")


@dataclass(frozen=True, slots=True)
class Found:
    """Something wrong at a line; the caller knows the language and the part."""

    kind: FlawKind
    line: int
    found: str = ""
    meant: str = ""
    limit: int = 0


class Unreadable(Exception):
    """The source is no template; ``found`` says why."""

    def __init__(self, found: Found) -> None:
        super().__init__(found.kind)
        self.found = found


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(optimized=False, cache_size=0)
    environment.globals.clear()
    environment.tests.clear()
    environment.filters.clear()
    environment.filters.update(FILTERS)
    return environment


ENVIRONMENT: Final = _environment()
"""Has no globals, no tests, no loader, and no filters but ours."""


def parse(source: str) -> nodes.Template:
    """
    Return the tree of a source.

    :raises Unreadable: saying what is wrong, and in which line
    """
    _Symbols().look(source)
    try:
        return ENVIRONMENT.parse(source)
    except TemplateSyntaxError as problem:
        raise Unreadable(Found(FlawKind.SYNTAX, problem.lineno)) from problem
    except (RecursionError, ValueError, OverflowError) as problem:
        raise Unreadable(Found(FlawKind.NESTED, 1, limit=DEPTH)) from problem


@dataclass(slots=True)
class _Symbols:
    """Counts what stands in braces."""

    tags: int = 0
    blocks: list[tuple[str, int]] = field(default_factory=list)

    def look(self, source: str) -> None:
        try:
            for begin, line, symbols in _tags(source):
                self._tag(begin, line, symbols)
        except TemplateSyntaxError as problem:
            raise Unreadable(Found(FlawKind.SYNTAX, problem.lineno)) from problem
        if self.blocks:
            name, line = self.blocks[-1]
            raise Unreadable(Found(FlawKind.NOT_ENDED, line, found=name))

    def _tag(self, begin: str, line: int, symbols: list[str]) -> None:
        self.tags += 1
        if self.tags > TAGS:
            raise Unreadable(Found(FlawKind.TOO_MUCH, line, limit=TAGS))
        depth = most = 0
        for symbol in symbols:
            depth += (symbol in "([{") - (symbol in ")]}") if len(symbol) == 1 else 0
            most = max(most, depth)
            if _WIDE.fullmatch(symbol):
                raise Unreadable(Found(FlawKind.EXPRESSION, line, found=symbol[:20]))
        if most > DEPTH or len(symbols) > TOKENS:
            raise Unreadable(Found(FlawKind.NESTED, line, limit=DEPTH))
        if begin == "block_begin":
            self._block(symbols[0] if symbols else "", line)

    def _block(self, name: str, line: int) -> None:
        if name in {"if", "for"}:
            self.blocks.append((name, line))
            if len(self.blocks) > DEPTH:
                raise Unreadable(Found(FlawKind.NESTED, line, limit=DEPTH))
        elif name in _ENDS:
            if not self.blocks or self.blocks.pop()[0] != _ENDS[name]:
                raise Unreadable(Found(FlawKind.STRAY_END, line, found=name))
        elif name not in _BETWEEN:
            raise Unreadable(Found(FlawKind.TAG, line, found=name[:40]))
        elif not self.blocks:
            raise Unreadable(Found(FlawKind.STRAY_END, line, found=name))


def _tags(source: str) -> Iterator[tuple[str, int, list[str]]]:
    """Yield each pair of braces: how it begins, its line, and its symbols."""
    begin, line, symbols = "", 1, list[str]()
    for at, token, text in ENVIRONMENT.lex(source):
        if token in _BEGINS:
            if begin:
                break
            begin, line, symbols = token, at, []
        elif token.endswith("_end"):
            if begin in {"variable_begin", "block_begin"}:
                yield begin, line, symbols
            begin = ""
        elif begin and token != "whitespace":  # noqa: S105  # a kind of symbol
            symbols.append(text)
    if begin:
        raise Unreadable(Found(FlawKind.UNCLOSED, line))
