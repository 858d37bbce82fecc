"""Handing mails over by SMTP, one on its way while the next is being announced.

Where the server offers pipelining (RFC 2920), a mail and the commands of the next one
are written in one piece: a mail costs one round trip in place of four.
The account stays exact, because the data of a mail is written only after everything
before it was answered: when a connection breaks, at most one mail is in doubt.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from jobs.channels.base import (
    Channel,
    ChannelError,
    Handed,
    NotTried,
    PermanentFailure,
    Sender,
    TemporaryFailure,
    Unknown,
)
from jobs.channels.email.answers import Stage, failure_of, scrub
from jobs.channels.email.packing import Packer, Parcel
from jobs.channels.email.server import Line, SmtpServer
from jobs.channels.email.signing import DkimKey
from jobs.channels.email.writing import Writer
from loyalty.delivery.values import OutgoingMessage

ANSWER_SECONDS = 10.0
"""How long a server may think about a command."""

_TAKING_SECONDS = 20.0
"""How long a server may think about a mail that it has got."""

_Packed = tuple[OutgoingMessage, Parcel | PermanentFailure]


class EmailChannel(Channel):
    """Mail over SMTP."""

    provider: ClassVar[str] = "smtp"

    def __init__(
        self,
        server: SmtpServer,
        sender: str,
        *,
        bounces: str | None = None,
        keys: Sequence[DkimKey] = (),
    ) -> None:
        """
        Note where mail goes.

        :param bounces: the mailbox to which it comes back; None: ``bounces`` at the
            sender's domain
        :param keys: what mails are signed with, for the sender's domain
        """
        self._server = server
        self._writer = Writer(sender, keys)
        self._bounces = bounces or f"bounces@{self._writer.domain}"

    @contextmanager
    def open(self) -> Iterator[Sender]:
        """Connect; the connection is made again when the server drops it."""
        packer = Packer(self._writer, self._bounces)
        sender = _SmtpSender(self._server, self._writer.domain, packer)
        try:
            sender.connect()
            yield sender
        finally:
            sender.close()


class _SmtpSender(Sender):
    def __init__(self, server: SmtpServer, name: str, packer: Packer) -> None:
        self._server = server
        self._name = name
        self._packer = packer
        self._line: Line | None = None
        self._dirty = False
        """Whether a transaction was refused and must be taken back first."""

    def connect(self) -> Line:
        """Return the open connection, or a new one."""
        if self._line is None:
            try:
                self._line = Line(self._server, self._name, timeout=ANSWER_SECONDS)
            except OSError as problem:
                raise NotTried(scrub(str(problem))) from problem
            self._dirty = False
        return self._line

    def close(self) -> None:
        """Say goodbye, if anybody still listens."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def send(self, message: OutgoingMessage) -> None:
        """Hand over one mail."""
        for _, failure in self.send_all([message]):
            if isinstance(failure, ChannelError):
                raise failure

    def send_all(self, messages: Iterable[OutgoingMessage]) -> Iterator[Handed]:
        """Hand mails over, each with the commands of the next."""
        packed = self._pack(messages)
        item = next(packed, None)
        begun = False
        try:
            while item is not None:
                message, parcel = item
                if isinstance(parcel, PermanentFailure):
                    item, outcome, begun = next(packed, None), parcel, False
                    yield message, outcome
                    continue
                failure = self._introduce(parcel, begun=begun)
                item = next(packed, None)
                begun = False
                if failure is None:
                    ahead = b"" if item is None else self._ahead(item[1])
                    failure = self._write(parcel, ahead) or self._taken()
                    begun = ahead != b"" and self._line is not None
                yield message, failure
        finally:
            if begun:
                # Whoever reads no further has not handed the next mail over.
                self._drop()

    def _pack(self, messages: Iterable[OutgoingMessage]) -> Iterator[_Packed]:
        for message in messages:
            try:
                yield message, self._packer.pack(message)
            except PermanentFailure as failure:
                yield message, failure

    def _ahead(self, parcel: Parcel | PermanentFailure) -> bytes:
        """Return the commands of the next mail if they may be written already."""
        line = self._line
        if line is None or not line.pipelining or not isinstance(parcel, Parcel):
            return b""
        return parcel.envelope

    def _introduce(self, parcel: Parcel, *, begun: bool) -> ChannelError | None:
        """Bring the server to the point where it waits for the mail itself."""
        try:
            line = self.connect()
            failure = self._ask(line, parcel, begun=begun)
            if self._line is None and line.mails:
                # Some servers take so many mails a connection, and then hang up.
                failure = self._ask(self.connect(), parcel, begun=False)
        except NotTried as problem:
            return problem
        return failure

    def _ask(self, line: Line, parcel: Parcel, *, begun: bool) -> ChannelError | None:
        failure: ChannelError | None = None
        steps = list(parcel.commands)
        if self._dirty:
            steps.insert(0, (Stage.RESET, b"RSET\r\n"))
            self._dirty = False
        ahead = line.pipelining
        try:
            if ahead and not begun:
                line.write(b"".join(command for _, command in steps))
            for stage, command in steps:
                if not ahead:
                    line.write(command)
                answer = line.read()
                failure = failure or failure_of(stage, answer)
                if answer.closing:
                    self._drop()
                    return failure
                if failure is not None and not ahead:
                    break
            if failure is not None:
                self._take_back(line, started=answer.kind == 3)  # noqa: PLR2004  # 3yz
        except OSError as problem:
            # Nothing of the mail itself had been written: it can't have arrived.
            self._drop()
            return failure or TemporaryFailure(scrub(str(problem)))
        return failure

    def _take_back(self, line: Line, *, started: bool) -> None:
        """Leave a refused transaction; a server that waits for data gets none."""
        self._dirty = True
        if started:
            line.write(b".\r\n")
            line.read()

    def _write(self, parcel: Parcel, ahead: bytes) -> ChannelError | None:
        """Write a mail with the next one's commands: in one piece, as one answer."""
        line = self.connect()
        try:
            line.write(parcel.data + ahead)
        except OSError as problem:
            if line.written < len(parcel.data):
                # The dot that ends a mail did not leave: nobody can have taken it.
                self._drop()
                return TemporaryFailure(scrub(str(problem)))
            # This mail has left, and the answer to it may still be there to be read.
        return None

    def _taken(self) -> ChannelError | None:
        """Read what the server says to the mail itself."""
        line = self.connect()
        try:
            answer = line.read(timeout=_TAKING_SECONDS)
        except OSError as problem:
            self._drop()
            return Unknown(scrub(str(problem)))
        if answer.closing or line.broken:
            self._drop()
        line.mails += 1
        return failure_of(Stage.MAIL, answer)

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.hang_up()
