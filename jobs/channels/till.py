"""The till: the message waits for the customer's next visit.

It is handed over when it is due, and delivered when it was printed on a receipt or
staff have said it; the till notes that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Final

from jobs.channels.base import Channel, PermanentFailure, Receipt, Sender
from loyalty.delivery.values import OutgoingMessage

LONGEST: Final = 300


class _TillSender(Sender):
    def send(self, message: OutgoingMessage) -> Receipt:
        """Accept what fits a receipt: being marked as sent is what makes it wait."""
        if len(message.brief) > LONGEST:
            answer = f"a text of {len(message.brief)} letters: at most {LONGEST} fit"
            raise PermanentFailure(answer)
        return Receipt()


class TillChannel(Channel):
    """The shop's own tills, which need no address."""

    provider: ClassVar[str] = "till"

    @contextmanager
    def open(self) -> Iterator[Sender]:
        """Give the sender; there is nothing to connect to."""
        yield _TillSender()
