"""E-mail by SMTP: one connection for a batch, text and HTML, one-click opt-out."""

from jobs.channels.email.sending import EmailChannel
from jobs.channels.email.server import SmtpServer
from jobs.channels.email.signing import DkimKey, read_keys

__all__ = ["DkimKey", "EmailChannel", "SmtpServer", "read_keys"]
