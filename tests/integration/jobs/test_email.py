"""The mail channel against an SMTP server that answers as it is told."""

import email
import email.policy
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.channels.base import (
    ChannelError,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
    Unknown,
)
from jobs.channels.email import EmailChannel, SmtpServer
from loyalty.delivery.values import MessageID, MessageKind, OutgoingMessage
from tests.integration.jobs.scripted_server import HANG, HANG_UP, ScriptedServer

_KEY = re.compile(rb"Message-ID: <key(\d+)@")


@pytest.fixture(params=["one by one", "pipelining"])
def server(request: pytest.FixtureRequest) -> Iterator[ScriptedServer]:
    """Give a server that offers pipelining, and one that does not."""
    scripted = ScriptedServer(pipelining=request.param == "pipelining")
    with scripted.running() as running:
        yield running


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


def channel(server: ScriptedServer) -> EmailChannel:
    address = SmtpServer.from_url(f"smtp://127.0.0.1:{server.port}")
    return EmailChannel(address, "Lab market <offers@example.org>")


Outcome = Receipt | ChannelError | None


def accepted(server: ScriptedServer) -> list[int]:
    keys = [_KEY.search(mail) for mail in server.mails]
    return [int(key.group(1)) for key in keys if key is not None]


def hand_over(server: ScriptedServer, count: int) -> list[Outcome]:
    group = [message(number) for number in range(1, count + 1)]
    with channel(server).open() as sender:
        handed = list(sender.send_all(group))
    assert [sent for sent, _ in handed] == group
    return [outcome for _, outcome in handed]


def kinds(outcomes: Sequence[Outcome]) -> list[str]:
    return ["sent" if one is None else type(one).__name__ for one in outcomes]


class TestEmailChannel:
    def test_sends_a_batch_over_one_connection(self, server: ScriptedServer) -> None:
        with channel(server).open() as sender:
            for number in range(5):
                sender.send(message(number))

        assert server.connections == 1
        keys = [f"Message-ID: <key{n}@example.org>".encode() for n in range(5)]
        assert all(key in mail for key, mail in zip(keys, server.mails, strict=True))

    def test_each_mail_has_an_address_of_its_own_to_come_back_to(
        self, server: ScriptedServer
    ) -> None:
        with channel(server).open() as sender:
            sender.send(message(1))
            sender.send(message(2))

        assert server.senders == [
            "bounces+key1@example.org",
            "bounces+key2@example.org",
        ]

    def test_says_what_came_of_each_message_of_a_group(
        self, server: ScriptedServer
    ) -> None:
        group = [message(1), replace(message(2), address=None), message(3)]
        with channel(server).open() as sender:
            handed = list(sender.send_all(group))

        assert [sent for sent, _ in handed] == group
        outcomes = [outcome for _, outcome in handed]
        assert outcomes[0] is None
        assert isinstance(outcomes[1], PermanentFailure)
        assert outcomes[2] is None

    def test_a_line_with_a_dot_does_not_end_the_mail(
        self, server: ScriptedServer
    ) -> None:
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
        server: ScriptedServer,
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
        self, server: ScriptedServer, answers: dict[str, str]
    ) -> None:
        server.answers = answers
        with channel(server).open() as sender:
            with pytest.raises(TemporaryFailure):
                sender.send(message())

            server.answers = {}
            sender.send(message(2))

        assert b"key2" in server.mails[-1]

    def test_says_when_nobody_can_know(self, server: ScriptedServer) -> None:
        server.answers = {"BODY": HANG_UP}
        with channel(server).open() as sender, pytest.raises(Unknown):
            sender.send(message())

    def test_says_when_nobody_listens(self, server: ScriptedServer) -> None:
        away = SmtpServer.from_url("smtp://127.0.0.1:1")
        with (
            pytest.raises(TemporaryFailure),
            EmailChannel(away, "offers@example.org").open(),
        ):
            pytest.fail("it did not connect")
        assert server.connections == 0


class TestSendAll:
    """A group of messages: each has its own outcome, whatever the server does."""

    def test_keeps_an_exact_account(self, server: ScriptedServer) -> None:
        server.at = {
            ("RCPT", 2): "550 5.1.1 no such user",
            ("BODY", 2): "452 4.2.2 mailbox full",  # of the third message
            ("MAIL", 4): "451 later",
            ("BODY", 3): HANG_UP,  # of the fifth
        }

        outcomes = hand_over(server, 7)

        assert kinds(outcomes) == [
            "sent",
            "PermanentFailure",
            "TemporaryFailure",
            "TemporaryFailure",
            "Unknown",
            "sent",
            "sent",
        ]
        assert accepted(server) == [1, 5, 6, 7]
        assert server.connections == 2

    def test_gives_an_open_transaction_no_mail_when_its_recipient_was_refused(
        self, server: ScriptedServer
    ) -> None:
        # This server waits for a mail although there is nobody to get it.
        server.at = {("RCPT", 2): "550 5.1.1 no such user"}

        assert kinds(hand_over(server, 3)) == ["sent", "PermanentFailure", "sent"]
        assert accepted(server) == [1, 3]
        assert server.connections == 1

    def test_goes_on_where_a_server_takes_so_many_mails_a_connection(
        self, server: ScriptedServer
    ) -> None:
        server.at = {
            ("MAIL", 3): "421 4.7.0 too many messages in this session",
            ("MAIL", 6): HANG_UP,
        }

        assert kinds(hand_over(server, 6)) == ["sent"] * 6
        assert accepted(server) == [1, 2, 3, 4, 5, 6]
        assert server.connections == 3

    def test_believes_a_server_that_closes_with_its_refusal(
        self, server: ScriptedServer
    ) -> None:
        server.at = {("BODY", 2): "421 4.3.2 going down, retry in 5 minutes"}

        outcomes = hand_over(server, 3)

        assert kinds(outcomes) == ["sent", "TemporaryFailure", "sent"]
        assert isinstance(outcomes[1], TemporaryFailure)
        assert outcomes[1].retry_after == 300
        assert accepted(server) == [1, 3]

    def test_says_what_was_not_tried_when_the_server_is_gone(
        self, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server.at = {("BODY", 2): HANG_UP}
        group = [message(number) for number in range(1, 5)]
        outcomes: list[Outcome] = []
        with channel(server).open() as sender:
            for _, outcome in sender.send_all(group):
                outcomes.append(outcome)
                if isinstance(outcome, Unknown):
                    monkeypatch.setattr("jobs.channels.email.sending.Line", _nobody)

        assert kinds(outcomes) == ["sent", "Unknown", "NotTried", "NotTried"]
        assert accepted(server) == [1, 2]

    @pytest.mark.parametrize(
        ("verb", "expected"),
        [
            ("RCPT", ["sent", "TemporaryFailure", "sent"]),
            ("DATA", ["sent", "TemporaryFailure", "sent"]),
            ("BODY", ["sent", "Unknown", "sent"]),
        ],
    )
    def test_does_not_wait_for_ever(
        self,
        server: ScriptedServer,
        monkeypatch: pytest.MonkeyPatch,
        verb: str,
        expected: list[str],
    ) -> None:
        monkeypatch.setattr("jobs.channels.email.sending._TAKING_SECONDS", 0.1)
        monkeypatch.setattr("jobs.channels.email.sending.ANSWER_SECONDS", 0.1)
        # A connection that carried a mail is tried once more: so both turns hang.
        turns = (2,) if verb == "BODY" else (2, 3)
        server.at = {(verb, turn): HANG for turn in turns}

        assert kinds(hand_over(server, 3)) == expected

    def test_takes_a_garbled_answer_for_none(self, server: ScriptedServer) -> None:
        server.at = {("BODY", 1): "what?"}

        assert kinds(hand_over(server, 2)) == ["Unknown", "sent"]

    def test_hands_over_nothing_that_nobody_asked_about(
        self, server: ScriptedServer
    ) -> None:
        group = [message(number) for number in range(1, 6)]
        with channel(server).open() as sender:
            handing = sender.send_all(group)
            for sent, outcome in handing:
                assert outcome is None
                if sent is group[1]:
                    break
            del handing
            assert list(sender.send_all(group[4:])) == [(group[4], None)]

        assert accepted(server) == [1, 2, 5]

    @given(st.data())
    @settings(max_examples=60, deadline=None)
    def test_never_says_what_is_not_so(self, data: st.DataObject) -> None:
        answer = st.sampled_from(
            ["451 later", "550 5.1.1 no", "421 closing", "554 no", HANG_UP]
        )
        turns = st.tuples(
            st.sampled_from(["MAIL", "RCPT", "DATA", "BODY", "RSET"]),
            st.integers(1, 6),
        )
        script = dict(data.draw(st.lists(st.tuples(turns, answer), max_size=6)))
        scripted = ScriptedServer(pipelining=data.draw(st.booleans()))
        scripted.at = script
        with scripted.running() as server:
            outcomes = hand_over(server, 5)
            got = accepted(server)

        assert len(got) == len(set(got))
        for number, outcome in enumerate(outcomes, start=1):
            if outcome is None:
                assert number in got
            elif not isinstance(outcome, Unknown):
                assert number not in got
        breaks = sum(
            verb == "BODY" and answer == HANG_UP for (verb, _), answer in script.items()
        )
        assert sum(isinstance(one, Unknown) for one in outcomes) <= breaks


def _nobody(*_: object, timeout: float) -> None:  # noqa: ARG001  # Line's
    raise ConnectionRefusedError
