"""What every channel promises."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import ClassVar

from loyalty.delivery.values import Answer, OutgoingMessage, Receipt

__all__ = [
    "Answer",
    "Channel",
    "ChannelError",
    "Handed",
    "NotTried",
    "PermanentFailure",
    "Receipt",
    "Sender",
    "TemporaryFailure",
    "Unknown",
]


class ChannelError(Exception):
    """The channel did not say yes. The text has no address in it."""


class TemporaryFailure(ChannelError):
    """Not accepted, but another try may be: a time-out, a limit, a server error."""

    def __init__(self, answer: str, *, retry_after: float | None = None) -> None:
        super().__init__(answer)
        self.retry_after = retry_after
        """In how many seconds the provider wants to be asked again, if it said so."""


class NotTried(TemporaryFailure):
    """The way was gone before anything of the message was written."""


class PermanentFailure(ChannelError):
    """Not accepted, and another try can't help."""

    def __init__(self, answer: str, *, bad_address: bool = False) -> None:
        super().__init__(answer)
        self.bad_address = bad_address
        """Whether the address is to blame, so that nothing is sent there again."""


class Unknown(ChannelError):
    """The connection broke when the message may have been accepted already."""


Handed = tuple[OutgoingMessage, Receipt | ChannelError | None]
"""A message and what came of it; None: it was accepted, and no more is said."""


class Sender(ABC):
    """An open way to the provider, for one batch."""

    @abstractmethod
    def send(self, message: OutgoingMessage) -> Receipt | None:
        """
        Hand one message over; returning means that it was accepted.

        None stands for a receipt that says nothing more.

        :raises TemporaryFailure: if another try may succeed
        :raises PermanentFailure: if none can
        :raises Unknown: if nobody can say whether it was accepted
        """

    def send_all(self, messages: Iterable[OutgoingMessage]) -> Iterator[Handed]:
        """
        Hand messages over, one after another, and yield what came of each in order.

        A channel that can write the next message before it has read the answer to
        the last does so here; the account stays exact all the same. Messages are
        taken one at a time, so they may be made while others are on their way. When
        the caller stops early, what it was not told of was not handed over.
        """
        for message in messages:
            outcome: Receipt | ChannelError | None
            try:
                outcome = self.send(message)
            except ChannelError as failure:
                outcome = failure
            yield message, outcome


class Channel(ABC):
    """A way of reaching a customer."""

    provider: ClassVar[str]
    """Who accepts the messages, as noted with each."""

    @property
    def askable(self) -> bool:
        """Whether the provider can be asked about a message in doubt."""
        return type(self).ask is not Channel.ask

    @abstractmethod
    def open(self) -> AbstractContextManager[Sender]:
        """
        Connect once for many messages.

        :raises TemporaryFailure: on entering, if the provider can't be reached
        """

    def ask(self, handover_key: str) -> Answer | None:
        """
        Ask the provider whether it has accepted a message with this key.

        None: it can't be asked, or can't say.

        :raises TemporaryFailure: if it can't be reached
        """
        del handover_key
        return None
