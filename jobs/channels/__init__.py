"""The ways of reaching a customer. Add one: a module here and a row below."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jobs.channels import base, email, inbox
from loyalty.customers.values import Channel as ChannelName


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelSettings:
    """What the channels are made from."""

    smtp_url: str
    mail_from: str
    bounce_address: str | None = None
    """Where mails come back; None: ``bounces`` at the sender's domain."""


def _email(settings: ChannelSettings) -> base.Channel:
    server = email.SmtpServer.from_url(settings.smtp_url)
    return email.EmailChannel(
        server, settings.mail_from, bounces=settings.bounce_address
    )


def _inbox(_settings: ChannelSettings) -> base.Channel:
    return inbox.InboxChannel()


CHANNELS: Mapping[ChannelName, Callable[[ChannelSettings], base.Channel]] = {
    ChannelName.EMAIL: _email,
    ChannelName.INBOX: _inbox,
}
"""How each channel is made; one that is missing has no provider here."""


def open_channels(settings: ChannelSettings) -> dict[ChannelName, base.Channel]:
    """
    Make every channel of the table.

    :raises ValueError: if a setting can't be read
    """
    return {name: make(settings) for name, make in CHANNELS.items()}
