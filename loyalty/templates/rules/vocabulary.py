"""The words that templates may use, and nothing beyond them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from loyalty.templates.values import TemplatePurpose


class Kind(StrEnum):
    """What a word stands for."""

    TEXT = "text"
    NUMBER = "number"
    LIST = "list"
    RECORD = "record"
    """One entry of a list."""

    TRUTH = "truth"


@dataclass(frozen=True, kw_only=True, slots=True)
class Vocabulary:
    """The words of one purpose."""

    words: Mapping[str, Kind]
    lists: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)
    """The fields of each list's entries."""


EVERYWHERE: Final[Mapping[str, Kind]] = {
    "first_name": Kind.TEXT,
    "shop": Kind.TEXT,
    "card": Kind.TEXT,
    "points": Kind.NUMBER,
    "link": Kind.TEXT,
}
_OFFER: Final[Mapping[str, Kind]] = {
    "sentence": Kind.TEXT,
    "why": Kind.TEXT,
    "terms": Kind.TEXT,
    "valid_until": Kind.TEXT,
    "offers": Kind.LIST,
}
LOOP: Final[Mapping[str, Kind]] = {
    "first": Kind.TRUTH,
    "last": Kind.TRUTH,
    "index": Kind.NUMBER,
}
"""What is known of the place in a list, as ``loop.last``."""

_WITH_OFFER: Final = Vocabulary(
    words={**EVERYWHERE, **_OFFER},
    lists={
        "offers": {"sentence": Kind.TEXT, "why": Kind.TEXT, "valid_until": Kind.TEXT}
    },
)
VOCABULARIES: Final[Mapping[TemplatePurpose, Vocabulary]] = {
    TemplatePurpose.OFFER: _WITH_OFFER,
    TemplatePurpose.BIRTHDAY: _WITH_OFFER,
    TemplatePurpose.FIRST_PURCHASE: _WITH_OFFER,
    TemplatePurpose.LAPSED: _WITH_OFFER,
    TemplatePurpose.POINTS_EXPIRING: Vocabulary(
        words={**EVERYWHERE, "expiring": Kind.NUMBER, "expiries": Kind.LIST},
        lists={"expiries": {"last_day": Kind.TEXT, "points": Kind.NUMBER}},
    ),
    TemplatePurpose.SERVICE: Vocabulary(words=EVERYWHERE),
}
ALL_WORDS: Final = frozenset(
    word for vocabulary in VOCABULARIES.values() for word in vocabulary.words
)
MOST_ENTRIES: Final = 20
"""Of a list; further ones are left out."""

LONGEST_VALUE: Final = 20_000
"""Characters of a word's value; the rest of it is cut off."""
