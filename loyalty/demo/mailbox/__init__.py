"""
The demo's mail server: it takes every mail and keeps it, so that people can look.

``python -m loyalty.demo.mailbox --port 2525 --folder var/demo/mail`` runs it on
loopback. A mail becomes a file, and a line in the log says when it came from whom,
to whom and under which Message-ID; the answer "accepted" comes after both.
"""

from loyalty.demo.mailbox.reading import (
    Arrival,
    Mail,
    MailNotFound,
    count_mails,
    list_mails,
    read_mail,
)

__all__ = [
    "Arrival",
    "Mail",
    "MailNotFound",
    "count_mails",
    "list_mails",
    "read_mail",
]
