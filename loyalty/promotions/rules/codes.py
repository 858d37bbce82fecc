"""How coupon codes are written and read.

A code is a prefix and random characters in groups, as ``SPRING-7KQ2-…``; its last
character checks all others, the prefix included. Where it is read, only letters and
digits count, whatever their case.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from loyalty.core.codes import ALPHABET, FEWEST, MOST, check_character
from loyalty.core.texts import normalise_digits
from loyalty.promotions.values import Code, MissedReason
from loyalty.promotions.values.codes import Withheld

MARK: Final = "#"
LEAST_MARKS: Final = FEWEST + 1
"""The random characters that hold 64 bits, and the check character."""

USUAL_MARKS: Final = 16
LONGEST_PATTERN: Final = 64
SHORTEST_WORD: Final = 3
LONGEST_WORD: Final = 40

_GROUP: Final = 4
_FORM: Final = re.compile(r"([A-Z0-9]+(?:-[A-Z0-9]+)*-?)?(#+(?:-#+)*)")
_STAND_INS: Final = str.maketrans("0O1IL", "QDTJV")
"""What a prefix may hold and the random part may not, as the check counts it."""


class NotAPattern(ValueError):
    """Codes can't look like this; the message says why, and what would do."""


class NotAWord(ValueError):
    """Nobody would type it; the message says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """A prefix, which may be empty, and the marks in their groups."""

    prefix: str
    marks: str

    def __str__(self) -> str:
        """Return it as it is typed."""
        return self.prefix + self.marks

    @property
    def count(self) -> int:
        """Return how many characters are random, the check character included."""
        return self.marks.count(MARK)


def usual_pattern(marks: int, prefix: str = "") -> str:
    """Return so many marks in groups of four, behind a prefix."""
    whole = MARK * marks
    groups = [whole[at : at + _GROUP] for at in range(0, marks, _GROUP)]
    return prefix + "-".join(groups)


def read_pattern(text: str) -> Pattern:
    """
    Read a pattern such as ``SPRING-####-####-####-##``.

    :raises NotAPattern: if it has another form, too few marks or too many letters
    """
    found = _FORM.fullmatch(text.strip().upper())
    if found is None or len(found[0]) > LONGEST_PATTERN:
        example = usual_pattern(USUAL_MARKS, "SPRING-")
        message = (
            "Write letters, digits and hyphens, then # for each random character, "
            f"such as {example}."
        )
        raise NotAPattern(message)
    pattern = Pattern(prefix=found[1] or "", marks=found[2])
    if pattern.count < LEAST_MARKS:
        enough = usual_pattern(LEAST_MARKS, pattern.prefix)
        message = (
            f"{pattern.count} random characters can be guessed: at least {LEAST_MARKS} "
            f"are needed (64 random bits and a check character), such as {enough}."
        )
        raise NotAPattern(message)
    if len(normal_code(pattern.prefix)) + pattern.count > MOST + 1:
        message = f"A code has at most {MOST + 1} letters and digits: shorten it."
        raise NotAPattern(message)
    return pattern


def print_codes(pattern: Pattern, drawn: str) -> list[str]:
    """
    Return codes as they are printed, made of random characters.

    :param drawn: for each code, one character less than the pattern has marks
    """
    size = pattern.count - 1
    prefix = _checked(normal_code(pattern.prefix))
    template = pattern.prefix + pattern.marks.replace(MARK, "%s")
    codes = []
    for at in range(0, len(drawn), size):
        payload = drawn[at : at + size]
        codes.append(template % (*payload, check_character(prefix + payload)))
    return codes


def normal_code(text: str) -> str:
    """Return what counts of a code that was typed, scanned or printed."""
    plain = normalise_digits(unicodedata.normalize("NFKC", text))
    return "".join(filter(str.isalnum, plain)).upper()


def read_word(text: str) -> str:
    """
    Return the word that many share, as it counts.

    :raises NotAWord: if it is too short or too long to be typed
    """
    word = normal_code(text)
    if not SHORTEST_WORD <= len(word) <= LONGEST_WORD:
        message = (
            f"Write a word of {SHORTEST_WORD} to {LONGEST_WORD} letters or digits."
        )
        raise NotAWord(message)
    return word


def looks_mistyped(text: str) -> bool:
    """Test whether a text as long as a secret code fails its own check."""
    code = normal_code(text)
    if not LEAST_MARKS <= len(code) <= MOST + 1:
        return False
    if not set(code[-LEAST_MARKS:]) <= set(ALPHABET):
        return True
    payload = _checked(code[:-1])
    return not set(payload) <= set(ALPHABET) or check_character(payload) != code[-1]


def withhold(texts: Iterable[str], withheld: Withheld) -> dict[str, Code]:
    """Return what is said of codes that nobody looked up."""
    problem = (
        MissedReason.CODE_ATTEMPTS if withheld.too_many else MissedReason.CODE_UNCHECKED
    )
    return {
        text: Code(
            code=text,
            promotion=None,
            problem=problem,
            retry_after=withheld.retry_after,
        )
        for text in texts
    }


def masked(text: str) -> str:
    """Return a code as the books may keep it: its beginning alone."""
    code = normal_code(text)
    return text if len(code) < LEAST_MARKS else f"{code[:4]}…"


def _checked(code: str) -> str:
    return code.translate(_STAND_INS)
