"""The demo's mail server as a real process."""

import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from loyalty.demo.mailbox import MailNotFound, count_mails, list_mails, read_mail

SOON = 20.0


@contextmanager
def running_mailbox(folder: Path) -> Iterator[int]:
    """Run the server and give its port; it must end well when asked to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "loyalty.demo.mailbox", "--port", str(port)]
    process = subprocess.Popen([*command, "--folder", str(folder)])
    try:
        deadline = time.monotonic() + SOON
        while not answers(port):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(SOON) == 0


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def letter(number: int) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Lab market <offers@example.org>"
    mail["To"] = f"مریم <maryam.{number}@example.org>"
    mail["Subject"] = f"Скидка {number}"
    mail["Message-ID"] = f"<offer-{number}@example.org>"
    mail.set_content(f"Offer {number} für dich\n")
    mail.add_alternative(f"<p>Offer {number}</p>", subtype="html")
    return mail


class TestMailbox:
    def test_keeps_every_mail_and_says_what_came(self, tmp_path: Path) -> None:
        with running_mailbox(tmp_path) as port, smtplib.SMTP("127.0.0.1", port) as smtp:
            for number in range(30):
                smtp.send_message(letter(number))

        arrived = list_mails(tmp_path, limit=5)
        assert count_mails(tmp_path) == 30
        assert [mail.subject for mail in arrived] == [
            f"Скидка {number}" for number in (29, 28, 27, 26, 25)
        ]
        assert arrived[0].message_id == "<offer-29@example.org>"
        assert arrived[0].recipients == ("maryam.29@example.org",)
        mail = read_mail(tmp_path, arrived[0].id)
        assert mail.subject == "Скидка 29"
        assert mail.to == "مریم <maryam.29@example.org>"
        assert mail.text == "Offer 29 für dich\n"
        assert mail.html == "<p>Offer 29</p>\n"
        assert mail.at == arrived[0].at

    def test_goes_on_where_an_earlier_run_stopped(self, tmp_path: Path) -> None:
        for number in range(2):
            with (
                running_mailbox(tmp_path) as port,
                smtplib.SMTP("127.0.0.1", port) as smtp,
            ):
                smtp.send_message(letter(number))

        subjects = [mail.subject for mail in list_mails(tmp_path)]
        assert subjects == ["Скидка 1", "Скидка 0"]

    @pytest.mark.parametrize("name", ["", "../log", "20261122120000000000-1", "x" * 99])
    def test_knows_no_other_files(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(MailNotFound):
            read_mail(tmp_path, name)
