"""Nothing but SMTP: the same bytes again and again over one connection."""

import smtplib
import time

from benchmarks._delivery.shop import offer_to
from jobs.channels.email.packing import Packer
from jobs.channels.email.writing import Writer
from loyalty.core.clock import machine_now
from loyalty.core.vault import Vault
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.render import compose
from loyalty.delivery.values import Claimed, MessageID, Person

_FROM, _TO = "bounces@example.org", "member1@example.org"


def a_mail(vault: Vault) -> bytes:
    """Return a mail as the worker sends it, with its end."""
    now = machine_now()
    wish = offer_to(CustomerID(1), occasion="bare", now=now)
    claim = Claimed(
        id=MessageID(1),
        customer_id=wish.customer_id,
        kind=wish.kind,
        channel=Channel.EMAIL,
        template=wish.template,
        parameters=wish.parameters,
        language="en",
        offer_id=None,
        campaign_id=None,
        due_at=now,
        not_after=wish.not_after,
        fence=1,
        handover_key="0" * 32,
    )
    person = Person(first_name="Ada", addresses={Channel.EMAIL: _TO})
    url = "http://127.0.0.1:8000"
    message = compose(claim, person, vault=vault, public_url=url, now=now)
    packer = Packer(Writer("Lab market <offers@example.org>"), _FROM)
    return packer.pack(message).data


def plain(port: int, mail: bytes, count: int) -> float:
    """Send with smtplib, a command at a time, and return the mails a second."""
    content = mail.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
    with smtplib.SMTP("127.0.0.1", port, local_hostname="bare") as smtp:
        began = time.perf_counter()
        for _ in range(count):
            smtp.sendmail(_FROM, [_TO], content)
        return count / (time.perf_counter() - began)


def pipelined(port: int, mail: bytes, count: int) -> float:
    """Write each mail with the next one's commands, and return the mails a second."""
    envelope = f"MAIL FROM:<{_FROM}>\r\nRCPT TO:<{_TO}>\r\nDATA\r\n".encode()
    with smtplib.SMTP("127.0.0.1", port, local_hostname="bare") as smtp:
        smtp.ehlo()
        began = time.perf_counter()
        smtp.send(envelope)
        for number in range(count):
            answers = [smtp.getreply()[0] for _ in range(3)]
            if answers != [250, 250, 354]:
                message = f"the sink answered {answers}"
                raise RuntimeError(message)
            smtp.send(mail + envelope if number < count - 1 else mail)
            smtp.getreply()
        return count / (time.perf_counter() - began)
