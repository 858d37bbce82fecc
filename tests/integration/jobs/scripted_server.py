"""An SMTP server on a thread that answers as it is told."""

import socket
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BufferedReader
from threading import Event, Thread

HANG_UP = "hang up"
HANG = "hang"


@dataclass
class ScriptedServer:
    """
    What it says to a command is looked up by verb and turn, or by its verb alone.

    ``BODY`` stands for the mail itself; turns count from 1 over all connections.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    at: Mapping[tuple[str, int], str] = field(default_factory=dict)
    pipelining: bool = False
    mails: list[bytes] = field(default_factory=list)
    """What was accepted, noted before the server says so."""

    senders: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    turns: Counter[str] = field(default_factory=Counter)
    done: Event = field(default_factory=Event)

    @contextmanager
    def running(self) -> Iterator["ScriptedServer"]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
            thread = Thread(target=self._serve, args=[listener], daemon=True)
            thread.start()
            try:
                yield self
            finally:
                self.done.set()
                listener.shutdown(socket.SHUT_RDWR)
                thread.join(timeout=5)

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            Thread(target=self._meet, args=[connection], daemon=True).start()

    def _meet(self, connection: socket.socket) -> None:
        # A client may hang up with answers unread, which resets the connection.
        with connection, connection.makefile("rb") as lines, suppress(OSError):
            connection.sendall(b"220 hello\r\n")
            while (line := lines.readline()) and self._obey(connection, lines, line):
                pass

    def _obey(
        self, connection: socket.socket, lines: BufferedReader, line: bytes
    ) -> bool:
        verb = line.split()[0].decode().upper()
        if verb == "MAIL":
            self.senders.append(line.decode().split("<")[1].split(">")[0])
        answer = self._answer(verb, "354 go" if verb == "DATA" else "250 ok")
        if verb == "EHLO" and self.pipelining:
            answer = "250-hello\r\n250 PIPELINING"
        if not self._say(connection, answer) or verb == "QUIT":
            return False
        if verb == "DATA" and answer.startswith("354"):
            return self._take(connection, lines)
        return True

    def _take(self, connection: socket.socket, lines: BufferedReader) -> bool:
        mail = b""
        while (line := lines.readline()) != b".\r\n":
            if not line:
                return False
            mail += line
        if not mail:
            return self._say(connection, "554 nothing")
        answer = self._answer("BODY", "250 accepted")
        if answer.startswith("250") or answer == HANG_UP:
            self.mails.append(mail)
        return self._say(connection, answer)

    def _answer(self, verb: str, usual: str) -> str:
        self.turns[verb] += 1
        turn = self.at.get((verb, self.turns[verb]))
        return turn or self.answers.get(verb, usual)

    def _say(self, connection: socket.socket, answer: str) -> bool:
        if answer == HANG:
            self.done.wait(timeout=5)
        if answer in (HANG, HANG_UP):
            connection.shutdown(socket.SHUT_RDWR)
            return False
        connection.sendall(f"{answer}\r\n".encode())
        return not answer.startswith("421")
