"""What a mail looks like, and what is no mail."""

import email
import email.policy
import quopri
from dataclasses import replace
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.channels.email.answers import Answer, Stage, failure_of, retry_hint
from jobs.channels.email.server import SmtpServer
from jobs.channels.email.writing import UnsafeMail, Writer, ascii_address, encode
from loyalty.delivery.render import Letter, as_html
from loyalty.delivery.values import MessageID, MessageKind, OutgoingMessage

MESSAGE = OutgoingMessage(
    id=MessageID(1),
    kind=MessageKind.MARKETING,
    address="ada@example.org",
    subject="Lab market: an offer for you",
    text="Hello Ada,\n\n20 % off coffee.\n",
    html="<p>Hello Ada,</p>\n",
    language="en",
    handover_key="4f1c",
    unsubscribe_url="https://shop.example/u/abc",
)


def read(message: OutgoingMessage) -> EmailMessage:
    raw = Writer("Łab market <offers@example.org>").write(message)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    return email.message_from_bytes(raw, policy=email.policy.default)


def content(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text.replace("\r\n", "\n")


class TestWriter:
    def test_writes_both_parts_and_the_headers(self) -> None:
        mail = read(MESSAGE)

        assert mail["From"] == "Łab market <offers@example.org>"
        assert mail["To"] == "ada@example.org"
        assert mail["Subject"] == "Lab market: an offer for you"
        assert mail["Message-ID"] == "<4f1c@example.org>"
        assert mail["List-Unsubscribe"] == "<https://shop.example/u/abc>"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert content(mail, "plain") == "Hello Ada,\n\n20 % off coffee.\n"
        assert content(mail, "html") == "<p>Hello Ada,</p>\n"
        assert mail.defects == []

    def test_leaves_the_opt_out_away_where_there_is_none(self) -> None:
        mail = read(replace(MESSAGE, unsubscribe_url=None))

        assert mail["List-Unsubscribe"] is None
        assert mail["List-Unsubscribe-Post"] is None

    @pytest.mark.parametrize(
        "subject", ["سلام، یک پیشنهاد برای شما", "Żółć" + " żółć" * 30, "x" * 200]
    )
    def test_writes_subjects_of_any_language(self, subject: str) -> None:
        assert read(replace(MESSAGE, subject=subject))["Subject"] == subject

    @given(
        st.text(
            st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]),
            max_size=300,
        )
    )
    def test_keeps_every_letter_of_the_text(self, text: str) -> None:
        mail = read(replace(MESSAGE, text=text + "\n"))

        assert content(mail, "plain") == text + "\n"

    @pytest.mark.parametrize(
        "change",
        [
            {"subject": "Hello\r\nBcc: all@example.org"},
            {"subject": "Hello\nBcc: all@example.org"},
            {"subject": "Hallo\rłł"},
            {"address": "ada@example.org\r\nBcc: all@example.org"},
            {"address": "ada@example.org>, <all@example.org"},
            {"address": "ada"},
            {"address": "@example.org"},
            {"address": "łada@example.org"},
            {"unsubscribe_url": "https://shop.example/\r\nBcc: all@example.org"},
            {"language": "en\r\nBcc: all@example.org"},
        ],
    )
    def test_refuses_what_would_become_another_header(
        self, change: dict[str, str]
    ) -> None:
        with pytest.raises(UnsafeMail):
            Writer("offers@example.org").write(
                replace(MESSAGE, **change)  # type: ignore[arg-type]  # by name
            )


class TestEncode:
    @given(st.lists(st.text(st.characters(codec="utf-8")), max_size=5))
    def test_reads_the_same_in_pieces(self, pieces: list[str]) -> None:
        encoded = b"".join(map(encode, pieces))

        text = "".join(piece.replace("\r\n", "\n") for piece in pieces)
        assert quopri.decodestring(encoded).replace(b"\r\n", b"\n").decode() == text
        lines = encoded.split(b"\r\n")
        assert max(map(len, lines)) <= 76
        assert lines[-1] == b""
        assert not any(line.endswith((b" ", b"\t")) for line in lines)

    @given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])))
    def test_a_page_is_read_as_it_was_filled_in(self, name: str) -> None:
        letter = Letter(subject="x", paragraphs=(f"Hello {name},", "Coffee."))
        page = as_html(letter)

        assert content(read(replace(MESSAGE, html=page)), "html") == page


class TestAsciiAddress:
    def test_writes_the_domain_as_dns_has_it(self) -> None:
        assert ascii_address("ada@łab.example") == "ada@xn--ab-wqa.example"


class TestSmtpServer:
    def test_is_read_from_an_address(self) -> None:
        server = SmtpServer.from_url("smtps://me:p%40ss@mail.example.org")

        assert (server.host, server.port, server.tls) == ("mail.example.org", 465, True)
        assert (server.user, server.password) == ("me", "p@ss")

    @pytest.mark.parametrize(
        ("host", "local"),
        [("127.0.0.1", True), ("localhost", True), ("mail.example.org", False)],
    )
    def test_knows_loopback(self, host: str, local: bool) -> None:  # noqa: FBT001
        assert SmtpServer.from_url(f"smtp://{host}").on_loopback is local


class TestFailureOf:
    def test_leaves_the_server_alone_only_where_it_speaks_for_itself(self) -> None:
        said = "4.7.1 try again in 5 minutes"
        hints = [
            getattr(failure_of(stage, Answer(code, said)), "retry_after", None)
            for stage, code in (
                (Stage.RECIPIENT, 451),
                (Stage.MAIL, 451),
                (Stage.SENDER, 451),
                (Stage.RECIPIENT, 421),
            )
        ]

        assert hints == [None, None, 300, 300]


class TestRetryHint:
    @pytest.mark.parametrize(
        ("answer", "seconds"),
        [
            ("4.2.0 Greylisted, see http://postgrey.example/help in 300 seconds", 300),
            ("4.7.1 please try again in 5 minutes", 300),
            ("too many connections, retry after 30s", 30),
            ("wait 2 h", 7_200),
            ("retry in 99999 hours", 86_400),
            ("4.7.0 later", None),
            ("4.2.2 42 mailboxes are full", None),
        ],
    )
    def test_reads_what_servers_say(self, answer: str, seconds: float | None) -> None:
        assert retry_hint(answer) == seconds
