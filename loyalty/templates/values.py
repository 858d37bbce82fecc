"""The vocabulary of marketers' templates."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

from loyalty.customers.values import Channel

TemplateID = NewType("TemplateID", int)

OWN: Final = "own:"
_NAME: Final = re.compile(r"own:([a-z0-9]+(?:-[a-z0-9]+)*)@([1-9]\d{0,8})")


class TemplatePurpose(StrEnum):
    """What a template is written for, which decides the words it may use."""

    OFFER = "offer"
    BIRTHDAY = "birthday"
    FIRST_PURCHASE = "first_purchase"
    LAPSED = "lapsed"
    """For who has not been seen for longer than is usual for them."""

    POINTS_EXPIRING = "points_expiring"
    SERVICE = "service"
    """Asked for or needed: no offer is in it."""


WITH_OFFER: Final = (
    TemplatePurpose.OFFER,
    TemplatePurpose.BIRTHDAY,
    TemplatePurpose.FIRST_PURCHASE,
    TemplatePurpose.LAPSED,
)
"""The purposes whose words speak of an offer: a campaign may name these."""


class Part(StrEnum):
    """A piece of a message that a marketer writes."""

    SUBJECT = "subject"
    PREHEADER = "preheader"
    """What a mail program shows beside the subject."""

    BODY = "body"
    """Paragraphs, with an empty line between them."""

    BUTTON = "button"
    BRIEF = "brief"
    """The short text for every channel that shows one."""

    SMS = "sms"
    PUSH = "push"
    TELEGRAM = "telegram"
    TILL = "till"
    LETTER = "letter"
    """Other paragraphs than the mail's, for paper."""


NEEDED: Final = (Part.SUBJECT, Part.BODY, Part.BRIEF)
"""The parts without which a language is not complete."""

CHANNEL_PARTS: Final[Mapping[str, Part]] = {
    "sms": Part.SMS,
    "push": Part.PUSH,
    "telegram": Part.TELEGRAM,
    "till": Part.TILL,
}
"""Where a channel may have words of its own instead of the short text."""

Words = Mapping[Part, str]
"""The parts in one language; what is not written is not there."""

Texts = Mapping[str, Words]
"""The words by language."""


class VersionState(StrEnum):
    """How far a version has come."""

    DRAFT = "draft"
    """Being written; the only state in which words change."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    """Taken back: no message is planned with it any more; planned ones keep it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One wording of a template. Once published, its words never change."""

    template: str
    """The template's code."""

    purpose: TemplatePurpose
    number: int
    state: VersionState
    texts: Texts
    created_at: datetime
    created_by: str
    changed_at: datetime
    published_at: datetime | None = None
    published_by: str | None = None
    withdrawn_at: datetime | None = None
    may_undo: bool = False
    """Whether the draft's words before the last change are kept."""

    @property
    def name(self) -> str:
        """How messages name it: ``own:spring@3``."""
        return own_name(self.template, self.number)


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """A template with its versions, the newest first."""

    id: TemplateID
    code: str
    name: str
    purpose: TemplatePurpose
    created_at: datetime
    versions: tuple[Version, ...] = field(default=())

    @property
    def current(self) -> Version | None:
        """The version that new messages get: the newest that is published."""
        return self._newest(VersionState.PUBLISHED)

    @property
    def draft(self) -> Version | None:
        """The version that is being written, if there is one."""
        return self._newest(VersionState.DRAFT)

    def _newest(self, state: VersionState) -> Version | None:
        return next((one for one in self.versions if one.state is state), None)


def own_name(code: str, number: int) -> str:
    """Return how a message names a version."""
    return f"{OWN}{code}@{number}"


def parse_own(name: str) -> tuple[str, int] | None:
    """Return the code and the number that a message's template names, or None."""
    found = _NAME.fullmatch(name)
    return (found.group(1), int(found.group(2))) if found else None


def is_own(name: str) -> bool:
    """Test whether a message's template is a marketer's."""
    return name.startswith(OWN)


def part_for(channel: Channel) -> Part:
    """Return the part in which a channel's own short words stand."""
    return CHANNEL_PARTS.get(channel.value, Part.BRIEF)


class FlawKind(StrEnum):
    """What may be wrong with words."""

    NEEDED = "needed"
    TOO_LONG = "too_long"
    LINE_BREAK = "line_break"
    CONTROL = "control"
    UNCLOSED = "unclosed"
    NOT_ENDED = "not_ended"
    STRAY_END = "stray_end"
    TAG = "tag"
    WORD = "word"
    ELSEWHERE = "elsewhere"
    """A word that templates for another purpose have."""

    FIELD = "field"
    FILTER = "filter"
    ARGUMENT = "argument"
    LOOP = "loop"
    LOOP_NAME = "loop_name"
    LIST = "list"
    COMPARED = "compared"
    EXPRESSION = "expression"
    NESTED = "nested"
    TOO_MUCH = "too_much"
    SYNTAX = "syntax"


@dataclass(frozen=True, kw_only=True, slots=True)
class Flaw:
    """One thing wrong with the words, and where."""

    kind: FlawKind
    language: str
    part: Part
    line: int = 1
    found: str = ""
    """What was written, cut short."""

    meant: str = ""
    """What was probably meant; nothing if there is no guess."""

    limit: int = 0


class WordsFail(ValueError):
    """Words that were checked can't be filled in; a bug, or far too much text."""
