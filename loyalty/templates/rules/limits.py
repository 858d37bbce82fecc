"""How much a template may hold, and how much may come of it."""

from collections.abc import Mapping
from typing import Final

from loyalty.templates.values import Part

SOURCE: Final[Mapping[Part, int]] = {
    Part.SUBJECT: 200,
    Part.PREHEADER: 200,
    Part.BODY: 8_000,
    Part.BUTTON: 80,
    Part.BRIEF: 600,
    Part.SMS: 600,
    Part.PUSH: 600,
    Part.TELEGRAM: 600,
    Part.TILL: 600,
    Part.LETTER: 8_000,
}
"""Characters that may be written."""

RESULT: Final[Mapping[Part, int]] = {
    Part.SUBJECT: 150,
    Part.PREHEADER: 150,
    Part.BODY: 40_000,
    Part.BUTTON: 60,
    Part.BRIEF: 1_000,
    Part.SMS: 1_000,
    Part.PUSH: 1_000,
    Part.TELEGRAM: 1_000,
    Part.TILL: 1_000,
    Part.LETTER: 40_000,
}
"""Characters that may come of it: of one line, what is beyond is cut off."""

ONE_LINE: Final = frozenset({Part.SUBJECT, Part.PREHEADER, Part.BUTTON})

TAGS: Final = 200
"""Marks in braces in one part."""

TOKENS: Final = 60
"""Symbols in one pair of braces."""

DEPTH: Final = 5
"""Of brackets in one pair of braces, and of blocks in one another."""

STEPS: Final = 2_000
"""Words, tests and filters that are worked out for one part, at the most."""
