"""What a mail server's answers mean (RFC 5321, section 4.2; RFC 3463)."""

import re
from dataclasses import dataclass
from enum import Enum

from jobs.channels.base import (
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    Unknown,
)

_CLOSING = 421
_ADDRESS_CODES = frozenset({550, 551, 553})
_ENHANCED = re.compile(r"^(\d)\.(\d{1,3})\.\d{1,3}\b")
_ANY_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")

_HINT = re.compile(
    r"\b(?:again|retry|wait|delayed|greylist\w*|for|in|after)\b[^0-9]{0,40}"
    r"\b(?P<n>\d{1,5})\s*(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b",
    re.IGNORECASE,
)
"""No standard says how; Postgrey and others write it so."""

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_HINT = 86_400.0


class Stage(Enum):
    """What was answered."""

    RESET = "reset"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"
    """May the mail itself be written?"""

    MAIL = "mail"
    """The mail itself, when all of it had been written."""


_OUR_OWN = (Stage.RESET, Stage.SENDER)
"""Refused here, it is our settings' fault and not that of the mail."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A code of three digits, -1 where there was none, and its text."""

    code: int
    text: str

    @property
    def closing(self) -> bool:
        """Whether the connection ends with it."""
        return self.code in (_CLOSING, -1)

    @property
    def kind(self) -> int:
        """The first digit, on which alone a client decides; 0 for no answer."""
        return self.code // 100 if self.code > 0 else 0


def failure_of(stage: Stage, answer: Answer) -> ChannelError | None:
    """Return why a mail is not accepted, or None if the answer is a yes."""
    if answer.kind == (3 if stage is Stage.DATA else 2):
        return None
    text = scrub(f"{answer.code} {answer.text}")
    if answer.kind == 5 and stage not in _OUR_OWN:  # noqa: PLR2004  # 5yz
        bad = stage is Stage.RECIPIENT and _blames_address(answer)
        return PermanentFailure(text, bad_address=bad)
    if stage is Stage.MAIL and answer.kind != 4:  # noqa: PLR2004  # 4yz
        return Unknown(text)
    # What is said of one recipient, as by greylisting, is no reason to leave the whole
    # server alone.
    of_all = answer.closing or stage in _OUR_OWN
    hint = retry_hint(answer.text) if of_all else None
    return TemporaryFailure(text, retry_after=hint)


def retry_hint(text: str) -> float | None:
    """Return in how many seconds a server says that it may be tried again."""
    hint = _HINT.search(text)
    if hint is None:
        return None
    unit = hint.group("unit")[:1].lower()
    return min(float(hint.group("n")) * _SECONDS[unit], _LONGEST_HINT)


def scrub(text: str) -> str:
    """Return what a server said without the addresses that servers repeat."""
    return _ANY_ADDRESS.sub("<address>", " ".join(text.split()))


def _blames_address(answer: Answer) -> bool:
    """Tell an address that is wrong from a policy that refuses us (RFC 3463)."""
    enhanced = _ENHANCED.match(answer.text.strip())
    if enhanced is not None:
        return enhanced.group(2) == "1"
    return answer.code in _ADDRESS_CODES
