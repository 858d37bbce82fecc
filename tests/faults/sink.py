"""A mail server that is at times a bad one, with a log of what it accepted.

``python -m tests.faults.sink LOG [FAULTS]`` prints its port. FAULTS is a JSON object
that names, for the n-th mail that anybody begins, what goes wrong with it. A line of
the log is written before the answer, in tabs: when, what, Message-ID, recipient and the
address of the one-click opt-out. It is never killed, so the log is the truth.
"""

import asyncio
import json
import re
import sys
import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

ACCEPTED = "accepted"
_MESSAGE_ID = re.compile(rb"(?im)^message-id: *<([^>\r\n]+)>")
_ONE_CLICK = re.compile(rb"(?im)^list-unsubscribe: *<([^>\r\n]+)>")
_ADDRESS = re.compile(rb"<([^<>]*)>")
_END = b"\r\n.\r\n"


class Fault(StrEnum):
    """What goes wrong with a mail."""

    HANG_AT_MAIL = "hangs at MAIL"
    DROP_AT_MAIL = "drops at MAIL"
    CLOSING = "421 at MAIL"
    LATER_AT_RCPT = "451 at RCPT"
    NEVER_AT_RCPT = "550 at RCPT"
    DROP_IN_DATA = "drops within the data"
    DROP_UNACCEPTED = "drops after the data"
    HANG_UNACCEPTED = "hangs after the data"
    LATER_AFTER_DATA = "452 after the data"
    NEVER_AFTER_DATA = "554 after the data"
    DROP_ACCEPTED = "accepts and drops"
    HANG_ACCEPTED = "accepts and hangs"


OF_THE_CONNECTION = frozenset(
    {
        Fault.HANG_AT_MAIL,
        Fault.DROP_AT_MAIL,
        Fault.CLOSING,
        Fault.DROP_IN_DATA,
        Fault.DROP_UNACCEPTED,
        Fault.HANG_UNACCEPTED,
        Fault.DROP_ACCEPTED,
        Fault.HANG_ACCEPTED,
    }
)
"""Faults after which the client can't trust its connection."""

_ANSWERS = {
    Fault.CLOSING: b"421 4.3.2 shutting down",
    Fault.LATER_AT_RCPT: b"451 4.3.0 try again later",
    Fault.NEVER_AT_RCPT: b"550 5.7.1 not from you",
    Fault.LATER_AFTER_DATA: b"452 4.3.1 no space left",
    Fault.NEVER_AFTER_DATA: b"554 5.6.0 not this text",
}
_SIMPLE = {
    b"NOOP": b"250 2.0.0 fine",
    b"HELO": b"250 sink",
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES",
}


@dataclass
class Book:
    """What every connection shares: the log, and which mail is to go wrong."""

    path: Path
    faults: dict[int, Fault]
    begun: int = 0

    def __post_init__(self) -> None:
        """Open the log, written line by line."""
        self._log = self.path.open("a", buffering=1)

    def begin(self) -> Fault | None:
        """Count a mail that begins, and say what is to go wrong with it."""
        self.begun += 1
        return self.faults.pop(self.begun, None)

    def write(
        self, what: str, *, key: str = "-", to: str = "-", link: str = "-"
    ) -> None:
        """Add a line."""
        self._log.write(f"{time.time():.6f}\t{what}\t{key}\t{to}\t{link}\n")


@dataclass
class Connection(asyncio.Protocol):
    """One client: as much of RFC 5321 as a client of ours speaks, and RFC 2920."""

    book: Book
    transport: asyncio.Transport | None = None
    received: bytearray = field(default_factory=bytearray)
    fault: Fault | None = None
    to: str = "-"
    in_data: bool = False
    deaf: bool = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._say(b"220 sink")

    def data_received(self, data: bytes) -> None:
        """Answer all that is complete; commands may come many at once."""
        if self.deaf:
            return
        self.received += data
        while self._step():
            pass

    def _step(self) -> bool:
        """Answer one command or one mail; false when there is no whole one."""
        if self.deaf:
            return False
        return self._mail() if self.in_data else self._command()

    def _command(self) -> bool:
        line, end, rest = self.received.partition(b"\r\n")
        if not end:
            return False
        self.received = rest
        verb = bytes(line[:4]).upper()
        if verb in _SIMPLE:
            self._say(_SIMPLE[verb])
        elif verb == b"MAIL":
            self._begin()
        elif verb == b"RCPT":
            self._recipient(bytes(line))
        elif verb == b"DATA":
            self._open_data()
        elif verb == b"RSET":
            self.to = "-"
            self._say(b"250 2.0.0 reset")
        elif verb == b"QUIT":
            self._say(b"221 2.0.0 bye")
            self._leave()
        else:
            self._say(b"502 5.5.1 not here")
        return True

    def _begin(self) -> None:
        self.fault, self.to = self.book.begin(), "-"
        if self.fault is Fault.CLOSING:
            self._answer_fault()
            self._leave()
        elif self.fault is Fault.DROP_AT_MAIL:
            self._break()
        elif self.fault is Fault.HANG_AT_MAIL:
            self._hang()
        else:
            self._say(b"250 2.1.0 go on")

    def _recipient(self, line: bytes) -> None:
        address = _ADDRESS.search(line)
        self.to = address.group(1).decode() if address else "-"
        if self.fault in (Fault.LATER_AT_RCPT, Fault.NEVER_AT_RCPT):
            self._answer_fault()
            self.to = "-"
        else:
            self._say(b"250 2.1.5 go on")

    def _open_data(self) -> None:
        if self.to == "-":
            self._say(b"503 5.5.1 nobody to send it to")
            return
        self._say(b"354 go ahead")
        self.in_data = True

    def _mail(self) -> bool:
        if self.fault is Fault.DROP_IN_DATA and self.received:
            self._break()
            return False
        # The dot may be the first line: then nothing at all was sent.
        content, end, rest = (b"\r\n" + self.received).partition(_END)
        if not end:
            return False
        self.received, self.in_data = bytearray(rest), False
        if self.fault in (Fault.LATER_AFTER_DATA, Fault.NEVER_AFTER_DATA):
            self._answer_fault()
        elif self.fault is Fault.DROP_UNACCEPTED:
            self._break()
        elif self.fault is Fault.HANG_UNACCEPTED:
            self._hang()
        else:
            self._accept(bytes(content))
        self.to = "-"
        return True

    def _accept(self, content: bytes) -> None:
        key, link = _MESSAGE_ID.search(content), _ONE_CLICK.search(content)
        self.book.write(
            ACCEPTED,
            key=key.group(1).decode() if key else "-",
            to=self.to,
            link=link.group(1).decode() if link else "-",
        )
        if self.fault is Fault.DROP_ACCEPTED:
            self._break()
        elif self.fault is Fault.HANG_ACCEPTED:
            self._hang()
        else:
            self._say(b"250 2.0.0 accepted")

    def _answer_fault(self) -> None:
        assert self.fault is not None
        self.book.write(self.fault)
        self._say(_ANSWERS[self.fault])

    def _break(self) -> None:
        assert self.fault is not None
        self.book.write(self.fault)
        self.deaf = True
        if self.transport is not None:
            self.transport.abort()

    def _hang(self) -> None:
        assert self.fault is not None
        self.book.write(self.fault)
        self.deaf = True

    def _leave(self) -> None:
        self.deaf = True
        if self.transport is not None:
            self.transport.close()

    def _say(self, answer: bytes) -> None:
        if self.transport is not None:
            self.transport.write(answer + b"\r\n")


async def serve(log: Path, faults: dict[int, Fault]) -> None:
    """Serve on a free port of loopback until the process is ended."""
    book = Book(log, faults)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(book), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201  # the port
    await server.serve_forever()


def main(arguments: list[str]) -> None:
    """Read what is to go wrong, and serve."""
    log, *more = arguments
    given = json.loads(Path(more[0]).read_text()) if more else {}
    faults = {int(number): Fault(name) for number, name in given.items()}
    asyncio.run(serve(Path(log), faults))


if __name__ == "__main__":
    main(sys.argv[1:])
