"""The ways of reaching a customer. Add one: a module here and a row below."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jobs.channels import base, email, inbox
from loyalty.core.vault import Vault
from loyalty.customers.values import Channel as ChannelName
from loyalty.settings import ProviderSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelParts:
    """What the channels are made from."""

    settings: ProviderSettings
    vault: Vault
    public_url: str
    """Where providers report back."""


def _email(parts: ChannelParts) -> base.Channel:
    settings = parts.settings
    server = email.SmtpServer.from_url(settings.smtp_url)
    keys = email.read_keys(settings.dkim_keys) if settings.dkim_keys else ()
    return email.EmailChannel(
        server, settings.mail_from, bounces=settings.bounce_address, keys=keys
    )


def _inbox(_parts: ChannelParts) -> base.Channel:
    return inbox.InboxChannel()


CHANNELS: Mapping[ChannelName, Callable[[ChannelParts], base.Channel]] = {
    ChannelName.EMAIL: _email,
    ChannelName.INBOX: _inbox,
}
"""How each channel is made."""


def open_channels(parts: ChannelParts) -> dict[ChannelName, base.Channel]:
    """
    Make the channels that have a provider here, as the settings say.

    :raises ValueError: if a setting can't be read
    """
    on = parts.settings.channels
    return {name: make(parts) for name, make in CHANNELS.items() if name in on}
