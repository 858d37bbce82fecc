"""
A mail server that takes everything and counts it.

Postfix's ``smtp-sink``, which is written in C, where there is one; else a small one of
our own, in a process of its own: ``python -m benchmarks._delivery.sinks``.
"""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import IO, Final

_PATIENCE_SECONDS: Final = 20.0
_END: Final = b"\r\n.\r\n"
_COUNTED: Final = re.compile(rb"mesg=(\d+)")


@dataclass(slots=True)
class Sink:
    """A running server; what it counted is read from what it prints."""

    kind: str
    port: int
    process: subprocess.Popen[bytes]
    count: int = 0
    """How many mails it has accepted."""

    _reader: Thread = field(init=False)

    def __post_init__(self) -> None:
        """Begin to read."""
        assert self.process.stdout is not None  # noqa: S101  # it is a pipe
        self._reader = Thread(
            target=self._read, args=[self.process.stdout], daemon=True
        )
        self._reader.start()

    def close(self) -> None:
        """Stop it, and the reading."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _read(self, printed: IO[bytes]) -> None:
        while some := os.read(printed.fileno(), 65_536):
            for counted in _COUNTED.findall(some):
                self.count = max(self.count, int(counted))


@contextmanager
def running_sink() -> Iterator[Sink]:
    """Run a sink on a port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    path = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"
    postfix = shutil.which("smtp-sink", path=path)
    if postfix is None:
        arguments = [sys.executable, "-m", __spec__.name, str(port)]
    else:
        user = ["-u", "nobody"] if os.getuid() == 0 else []
        arguments = [postfix, "-c", *user, f"127.0.0.1:{port}", "100"]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE)  # noqa: S603  # ours
    sink = Sink("own" if postfix is None else "smtp-sink", port, process)
    try:
        _wait_for(port)
        yield sink
    finally:
        sink.close()


def _wait_for(port: int) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


class _Taking(asyncio.Protocol):
    """One connection: commands by the line, a mail to its lone dot."""

    taken = 0

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting = b""
        self._in_mail = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # TCP has one
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Take what is whole, and answer all of it in one piece."""
        self._waiting += data
        answers: list[bytes] = []
        while self._waiting:
            end = _END if self._in_mail else b"\r\n"
            one, found, rest = self._waiting.partition(end)
            if not found:
                break
            self._waiting = rest
            answers.append(self._answer(one))
        if answers and self._transport is not None:
            self._transport.write(b"".join(answers))

    def _answer(self, one: bytes) -> bytes:
        if self._in_mail:
            self._in_mail = False
            _Taking.taken += 1
            return b"250 ok\r\n"
        verb = one[:4].upper()
        if verb == b"DATA":
            self._in_mail = True
            return b"354 go\r\n"
        if verb == b"QUIT":
            return b"221 bye\r\n"
        return b"250-sink\r\n250 PIPELINING\r\n" if verb == b"EHLO" else b"250 ok\r\n"


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Taking, "127.0.0.1", port)
    async with server:
        while True:
            await asyncio.sleep(0.05)
            sys.stdout.write(f"mesg={_Taking.taken}\r")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
