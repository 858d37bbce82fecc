"""The mail channel against an SMTP server that answers as it is told."""

import email
import email.policy
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BufferedReader

import pytest

from jobs.channels.base import PermanentFailure, TemporaryFailure, Unknown
from jobs.channels.email import EmailChannel, SmtpServer
from loyalty.delivery.values import MessageID, MessageKind, OutgoingMessage

HANG_UP = "hang up"


@dataclass
class Server:
    """A server on a thread; ``answers`` say what it replies to each command."""

    answers: dict[str, str] = field(default_factory=dict)
    mails: list[bytes] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection, connection.makefile("rb") as lines:
                self._talk(connection, lines)

    def _talk(self, connection: socket.socket, lines: BufferedReader) -> None:
        connection.sendall(b"220 hello\r\n")
        while line := lines.readline():
            verb = line.split()[0].decode().upper()
            answer = self.answers.get(verb, "354 go" if verb == "DATA" else "250 ok")
            if verb == "MAIL":
                self.senders.append(line.decode().split("<")[1].split(">")[0])
            if answer == HANG_UP:
                return
            connection.sendall(f"{answer}\r\n".encode())
            if verb == "QUIT":
                return
            if verb == "DATA" and answer.startswith("354"):
                self._take(connection, lines)

    def _take(self, connection: socket.socket, lines: BufferedReader) -> None:
        mail = b""
        while (line := lines.readline()) not in (b".\r\n", b""):
            mail += line
        after = self.answers.get("BODY", "250 accepted")
        if after == HANG_UP:
            connection.shutdown(socket.SHUT_RDWR)
            return
        self.mails.append(mail)
        connection.sendall(f"{after}\r\n".encode())


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running.port = listener.getsockname()[1]
        thread = threading.Thread(target=running.serve, args=[listener], daemon=True)
        thread.start()
        yield running
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


def message(number: int = 1, *, text: str = "Hello,\n") -> OutgoingMessage:
    return OutgoingMessage(
        id=MessageID(number),
        kind=MessageKind.MARKETING,
        address="ada@example.org",
        subject="An offer",
        text=text,
        html="<p>Hello,</p>\n",
        language="en",
        handover_key=f"key{number}",
    )


def channel(server: Server) -> EmailChannel:
    address = SmtpServer.from_url(f"smtp://127.0.0.1:{server.port}")
    return EmailChannel(address, "Lab market <offers@example.org>")


class TestEmailChannel:
    def test_sends_a_batch_over_one_connection(self, server: Server) -> None:
        with channel(server).open() as sender:
            for number in range(5):
                sender.send(message(number))

        assert server.connections == 1
        keys = [f"Message-ID: <key{n}@example.org>".encode() for n in range(5)]
        assert all(key in mail for key, mail in zip(keys, server.mails, strict=True))

    def test_each_mail_has_an_address_of_its_own_to_come_back_to(
        self, server: Server
    ) -> None:
        with channel(server).open() as sender:
            sender.send(message(1))
            sender.send(message(2))

        assert server.senders == [
            "bounces+key1@example.org",
            "bounces+key2@example.org",
        ]

    def test_says_what_came_of_each_message_of_a_group(self, server: Server) -> None:
        group = [message(1), replace(message(2), address=None), message(3)]
        with channel(server).open() as sender:
            handed = list(sender.send_all(group))

        assert [sent for sent, _ in handed] == group
        outcomes = [outcome for _, outcome in handed]
        assert outcomes[0] is None
        assert isinstance(outcomes[1], PermanentFailure)
        assert outcomes[2] is None

    def test_a_line_with_a_dot_does_not_end_the_mail(self, server: Server) -> None:
        with channel(server).open() as sender:
            sender.send(message(text=".\n..\n.end\n"))

        # What a server does: a line's first dot goes (RFC 5321, section 4.5.2).
        raw = re.sub(rb"(?m)^\.", b"", server.mails[0])
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        part = mail.get_body(("plain",))
        assert part is not None
        assert part.get_content().split() == [".", "..", ".end"]

    @pytest.mark.parametrize(
        ("answers", "bad_address"),
        [
            ({"RCPT": "550 5.1.1 <ada@example.org> no such user"}, True),
            ({"RCPT": "550 no such user"}, True),
            ({"RCPT": "550 5.7.1 <ada@example.org> you are blocked"}, False),
            ({"RCPT": "554 no"}, False),
            ({"BODY": "554 5.6.0 we don't like it"}, False),
        ],
    )
    def test_tells_a_bad_address_from_a_bad_message(
        self,
        server: Server,
        answers: dict[str, str],
        bad_address: bool,  # noqa: FBT001
    ) -> None:
        server.answers = answers
        with channel(server).open() as sender:
            with pytest.raises(PermanentFailure) as raised:
                sender.send(message())
            assert raised.value.bad_address is bad_address
            assert "ada@example.org" not in str(raised.value)

            server.answers = {}
            sender.send(message(2))

        assert b"key2" in server.mails[-1]

    @pytest.mark.parametrize(
        "answers",
        [
            {"MAIL": "451 later"},
            {"MAIL": "550 we don't know you"},
            {"RCPT": "452 too many"},
            {"DATA": "451 later"},
            {"BODY": "452 disk full"},
            {"RCPT": "421 closing"},
            {"MAIL": HANG_UP},
            {"DATA": HANG_UP},
        ],
    )
    def test_what_was_surely_not_accepted_may_be_tried_again(
        self, server: Server, answers: dict[str, str]
    ) -> None:
        server.answers = answers
        with channel(server).open() as sender:
            with pytest.raises(TemporaryFailure):
                sender.send(message())

            server.answers = {}
            sender.send(message(2))

        assert b"key2" in server.mails[-1]

    def test_says_when_nobody_can_know(self, server: Server) -> None:
        server.answers = {"BODY": HANG_UP}
        with channel(server).open() as sender, pytest.raises(Unknown):
            sender.send(message())

    def test_says_when_nobody_listens(self, server: Server) -> None:
        away = SmtpServer.from_url("smtp://127.0.0.1:1")
        with (
            pytest.raises(TemporaryFailure),
            EmailChannel(away, "offers@example.org").open(),
        ):
            pytest.fail("it did not connect")
        assert server.connections == 0
