"""The kinds of failure that are part of normal business.

Every anticipated failure is a subclass of one of these, defined beside the
function that raises it. The edges (API, web, jobs) translate the kind once;
nothing below them knows about HTTP. Anything else that is raised is a bug.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


class LoyaltyError(Exception):
    """A failure that the caller can understand and act on."""

    code: ClassVar[str] = "error"
    """A stable name for clients; the message may change, this may not."""


class NotFound(LoyaltyError):
    """The thing named does not exist, or not for this caller."""

    code = "not_found"


class Refused(LoyaltyError):
    """The request is well formed, but a rule or the present state forbids it."""

    code = "refused"


class Forbidden(LoyaltyError):
    """The caller is known, but may not do this."""

    code = "forbidden"


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing wrong with an input."""

    pointer: str
    """JSON pointer (RFC 6901) to the field at fault, such as ``/lines/0/quantity``."""

    message: str
    """What is wrong and the way out, for a person."""

    code: str = "invalid"
    """A stable name of the mistake, for machines."""


class Invalid(LoyaltyError):
    """The request is malformed; every field at fault is named."""

    code = "invalid"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.pointer}: {p.message}" for p in self.problems))

    @classmethod
    def field(cls, pointer: str, message: str, *, code: str = "invalid") -> "Invalid":
        """Build the error for a single field."""
        return cls([Problem(pointer=pointer, message=message, code=code)])
