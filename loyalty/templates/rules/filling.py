"""Filling in checked words, within bounds of size.

What the check lets through has no calls, no arithmetic, no ranges and no loop in a
loop, so that the work grows with the length of the source alone; here the values and
the result are bounded too.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from jinja2 import Template, TemplateError

from loyalty.templates.rules.checking import check_text
from loyalty.templates.rules.limits import ONE_LINE, RESULT
from loyalty.templates.rules.reading import ENVIRONMENT
from loyalty.templates.rules.vocabulary import (
    LONGEST_VALUE,
    MOST_ENTRIES,
    VOCABULARIES,
    Kind,
)
from loyalty.templates.values import Part, TemplatePurpose, WordsFail

_LONE_TAGS: Final = re.compile(
    r"^[ \t]*((?:\{%(?:(?!%\}).)*%\}[ \t]*)+)\n", re.MULTILINE
)

Value = str | int | Sequence[Mapping[str, str | int]]
Values = Mapping[str, Value]
"""What stands for each word, as people read it; numbers may be ``Figure``."""


class Figure(int):
    """A number that is printed as people write it."""

    shown: str

    @classmethod
    def of(cls, number: int, shown: str) -> "Figure":
        """Return the number with how it is shown."""
        figure = cls(number)
        figure.shown = shown
        return figure

    def __str__(self) -> str:
        """Return it as it is shown."""
        return self.shown


def fill(source: str, *, purpose: TemplatePurpose, part: Part, values: Values) -> str:
    """
    Return the text of one part; of one line where the part is one.

    :param values: those that are missing are empty
    :raises WordsFail: if the words were never fit to be filled in, or too much came
        of them
    """
    context = _context(purpose, values)
    most = RESULT[part]
    chunks: list[str] = []
    length = 0
    try:
        for chunk in _compiled(source, purpose, part).generate(context):
            chunks.append(chunk)
            length += len(chunk)
            if length > most:
                break
    except (TemplateError, TypeError, ValueError) as problem:
        message = f"the {part} can't be filled in: {type(problem).__name__}"
        raise WordsFail(message) from problem
    text = "".join(chunks)
    if part in ONE_LINE:
        text = " ".join(_plain(text).split())
        return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
    if length > most:
        message = f"the {part} is longer than {most} characters"
        raise WordsFail(message)
    return _plain(text).strip()


@lru_cache(maxsize=512)
def _compiled(source: str, purpose: TemplatePurpose, part: Part) -> Template:
    """Compile what the check lets through; it is never trusted to have been called."""
    # A line of nothing but an if or a for is no line of the text.
    source = _LONE_TAGS.sub(r"\1", source)
    flaw = check_text(source, purpose=purpose, language="", part=part)
    if flaw is not None:
        message = f"the {part} is no template: {flaw.kind}"
        raise WordsFail(message)
    return ENVIRONMENT.from_string(source)


def _context(purpose: TemplatePurpose, values: Values) -> dict[str, Value]:
    vocabulary = VOCABULARIES[purpose]
    context: dict[str, Value] = {}
    for word, kind in vocabulary.words.items():
        value = values.get(word)
        if kind is Kind.LIST:
            entries = value if isinstance(value, list | tuple) else ()
            fields = vocabulary.lists[word]
            context[word] = [
                {name: _scalar(entry.get(name), fields[name]) for name in fields}
                for entry in entries[:MOST_ENTRIES]
            ]
        else:
            context[word] = _scalar(value, kind)
    return context


def _scalar(value: object, kind: Kind) -> str | int:
    if kind is Kind.NUMBER:
        return value if isinstance(value, int) else 0
    return value[:LONGEST_VALUE] if isinstance(value, str) else ""


def _plain(text: str) -> str:
    """Return the text without control characters but line ends."""
    if text.isprintable():
        return text
    return "".join(
        char if char == "\n" or not (char < " " or "\x7f" <= char < "\xa0") else " "
        for char in text.replace("\r\n", "\n")
    )
