import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.delivery.rules.reports import (
    LARGEST,
    Report,
    Unreadable,
    is_hard,
    read_report,
)
from loyalty.delivery.values import ReceiptEvent

KEY = "0123456789abcdef0123456789abcdef"

POSTFIX = f"""\
Return-Path: <>
Date: Wed, 25 Nov 2026 01:02:03 +0000 (UTC)
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: bounces+{KEY}@example.org
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="9B095B5ADDB.1448700000/mx.example.net"

This is a MIME-encapsulated message.

--9B095B5ADDB.1448700000/mx.example.net
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--9B095B5ADDB.1448700000/mx.example.net
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
X-Postfix-Queue-ID: 9B095B5ADDB
Arrival-Date: Wed, 25 Nov 2026 01:02:02 +0000 (UTC)

Final-Recipient: rfc822; ada@example.org
Original-Recipient: rfc822;ada@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 5.1.1 <ada@example.org>: Recipient address rejected:
    User unknown in virtual mailbox table

--9B095B5ADDB.1448700000/mx.example.net
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Message-ID: <{KEY}@example.org>
Subject: An offer for you

--9B095B5ADDB.1448700000/mx.example.net--
"""

EXCHANGE = f"""\
From: postmaster@outlook.example
To: bounces@example.org
Subject: Undeliverable: An offer for you
Content-Type: multipart/report; report-type=delivery-status;
 boundary="_000_x"
MIME-Version: 1.0

--_000_x
Content-Type: multipart/alternative; boundary="_alt_"

--_alt_
Content-Type: text/html; charset="utf-8"

<p>Your message could not be delivered. The mailbox is full.</p>
--_alt_--

--_000_x
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0.outlook.example
Received-From-MTA: dns;mail.example.org

Final-Recipient: rfc822;ada@example.org
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp;554 5.2.2 mailbox full; STOREDRV.Deliver.Exception

--_000_x
Content-Type: message/rfc822

Message-ID: <{KEY}@example.org>
From: Lab market <offers@example.org>
Subject: An offer for you
Content-Type: text/plain

Hello Ada,
--_000_x--
"""

COMPLAINT = f"""\
From: <abusedesk@provider.example>
Subject: FW: An offer for you
To: <complaints@example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report;
 boundary="part1_13d.2e68ed54_boundary"

--part1_13d.2e68ed54_boundary
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report for a message received on Wed, 25 Nov 2026.

--part1_13d.2e68ed54_boundary
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <bounces+{KEY}@example.org>
Original-Rcpt-To: <ada@example.org>
Source-IP: 192.0.2.1

--part1_13d.2e68ed54_boundary
Content-Type: message/rfc822

From: <offers@example.org>
Message-ID: <redacted@provider.example>
Subject: An offer for you

Hello
--part1_13d.2e68ed54_boundary--
"""


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


class TestABounce:
    @pytest.mark.parametrize("ends", ["\n", "\r\n"])
    def test_of_postfix_names_message_address_and_weight(self, ends: str) -> None:
        assert read_report(POSTFIX.replace("\n", ends).encode()) == Report(
            event=ReceiptEvent.BOUNCED,
            handover_key=KEY,
            address="ada@example.org",
            hard=True,
            detail=(
                "5.1.1 smtp; 550 5.1.1 <address>: Recipient address rejected:"
                " User unknown in virtual mailbox table"
            ),
        )

    def test_of_exchange_for_a_full_mailbox_is_soft(self) -> None:
        assert read_report(crlf(EXCHANGE)) == Report(
            event=ReceiptEvent.BOUNCED,
            handover_key=KEY,
            address="ada@example.org",
            hard=False,
            detail="5.2.2 smtp;554 5.2.2 mailbox full; STOREDRV.Deliver.Exception",
        )

    def test_that_only_says_it_is_late_says_nothing(self) -> None:
        late = POSTFIX.replace("Action: failed", "Action: delayed")
        assert read_report(crlf(late.replace("5.1.1\n", "4.4.1\n"))) is None

    def test_that_says_it_arrived_is_a_delivery(self) -> None:
        report = read_report(
            crlf(POSTFIX.replace("Action: failed", "Action: delivered"))
        )
        assert report is not None
        assert report.event is ReceiptEvent.DELIVERED

    @pytest.mark.parametrize(
        ("status", "hard"),
        [
            ("5.1.1", True),
            ("5.1.2", True),
            ("5.1.10", True),
            ("5.2.1", True),
            ("5.4.4", True),
            ("5.1.8", False),
            ("5.2.2", False),
            ("5.7.1", False),
            ("5.0.0", False),
            ("4.1.1", False),
            ("4.4.7", False),
            ("", False),
            ("5", False),
            ("five", False),
        ],
    )
    def test_is_hard_when_the_address_is_to_blame(
        self, status: str, *, hard: bool
    ) -> None:
        assert is_hard(status) is hard


class TestAComplaint:
    def test_names_its_message_by_the_address_it_came_from(self) -> None:
        assert read_report(crlf(COMPLAINT)) == Report(
            event=ReceiptEvent.COMPLAINED,
            handover_key=KEY,
            address="ada@example.org",
            detail="abuse",
        )

    def test_names_it_by_the_message_id_otherwise(self) -> None:
        text = COMPLAINT.replace(f"<bounces+{KEY}@example.org>", "<offers@example.org>")
        text = text.replace("redacted@provider.example", f"{KEY}@example.org")
        report = read_report(crlf(text))
        assert report is not None
        assert report.handover_key == KEY

    def test_that_was_taken_back_is_none(self) -> None:
        text = COMPLAINT.replace("Feedback-Type: abuse", "Feedback-Type: not-spam")
        assert read_report(crlf(text)) is None


class TestWhatIsNoReport:
    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"Subject: out of office\r\n\r\nI am away.",
            b"x" * (LARGEST + 1),
            b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" * 25,
            b"Content-Type: message/rfc822\r\n\r\n" * 5_000,
            b"Content-Type: multipart/report; boundary=\r\n\r\n--\r\n",
            b"Content-Type: message/delivery-status\r\n\r\n\xff\xfe\r\n\r\n:\r\n",
            b"Content-Type: message/feedback-report\r\n\r\n",
        ],
    )
    def test_is_refused_or_says_nothing(self, data: bytes) -> None:
        try:
            report = read_report(data)
        except Unreadable:
            return
        assert report is None

    @given(
        where=st.integers(0, len(POSTFIX)),
        much=st.integers(0, 200),
        junk=st.binary(max_size=60),
    )
    def test_never_raises_anything_else(
        self, where: int, much: int, junk: bytes
    ) -> None:
        """A real report with a hole and rubbish in it."""
        whole = crlf(POSTFIX)
        try:
            report = read_report(whole[:where] + junk + whole[where + much :])
        except Unreadable:
            return
        assert report is None or len(report.detail) <= 300

    @given(st.binary(max_size=2_000))
    def test_never_raises_on_any_bytes(self, data: bytes) -> None:
        with pytest.raises(Unreadable):
            read_report(data)
