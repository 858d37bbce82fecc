"""The ways of reaching a customer. Add one: a module here and a row below."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import SecretStr

from jobs.channels import base, email, inbox, letter, push, sms, telegram, till, webhook
from jobs.posting import Poster
from loyalty.core.vault import Vault
from loyalty.core.webpush import PURPOSE, signing_key
from loyalty.customers.values import Channel as ChannelName
from loyalty.settings import ProviderSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelParts:
    """What the channels are made from."""

    settings: ProviderSettings
    vault: Vault
    public_url: str
    """Where providers report back."""

    provider: Poster = field(default_factory=lambda: Poster(allow_private=True))
    """For addresses of the settings: whoever wrote those may name any server."""


def _email(parts: ChannelParts) -> base.Channel:
    settings = parts.settings
    server = email.SmtpServer.from_url(settings.smtp_url)
    keys = email.read_keys(settings.dkim_keys) if settings.dkim_keys else ()
    return email.EmailChannel(
        server, settings.mail_from, bounces=settings.bounce_address, keys=keys
    )


def _sms(parts: ChannelParts) -> base.Channel:
    settings = parts.settings
    provider = sms.SmsProvider(
        url=settings.sms_url.rstrip("/"),
        account=settings.sms_account or "",
        token=_secret(settings.sms_token),
        sender=settings.sms_from or "",
        part_cost=settings.sms_part_cost,
        public_url=parts.public_url,
    )
    return sms.SmsChannel(provider, parts.provider)


def _push(parts: ChannelParts) -> base.Channel:
    allowed = parts.settings.push_allow_private
    poster = replace(parts.provider, allow_private=allowed)
    contact = parts.settings.push_contact or ""
    return push.PushChannel(signing_key(parts.vault.derive(PURPOSE)), contact, poster)


def _telegram(parts: ChannelParts) -> base.Channel:
    settings = parts.settings
    token = _secret(settings.telegram_token)
    url = settings.telegram_url.rstrip("/")
    return telegram.TelegramChannel(url, token, parts.provider)


def _inbox(_parts: ChannelParts) -> base.Channel:
    return inbox.InboxChannel()


def _till(_parts: ChannelParts) -> base.Channel:
    return till.TillChannel()


def _letter(parts: ChannelParts) -> base.Channel:
    settings = parts.settings
    return letter.LetterChannel(
        settings.letter_dir or Path("letters"),
        settings.letter_sender or "",
        cost=settings.letter_cost,
    )


def _webhook(parts: ChannelParts) -> base.Channel:
    url = parts.settings.message_webhook_url or ""
    secret = _secret(parts.settings.message_webhook_secret)
    return webhook.WebhookChannel(url, secret, parts.provider)


CHANNELS: Mapping[ChannelName, Callable[[ChannelParts], base.Channel]] = {
    ChannelName.EMAIL: _email,
    ChannelName.SMS: _sms,
    ChannelName.PUSH: _push,
    ChannelName.TELEGRAM: _telegram,
    ChannelName.INBOX: _inbox,
    ChannelName.TILL: _till,
    ChannelName.LETTER: _letter,
    ChannelName.WEBHOOK: _webhook,
}
"""How each channel is made."""


def open_channels(parts: ChannelParts) -> dict[ChannelName, base.Channel]:
    """
    Make the channels that have a provider here, as the settings say.

    :raises ValueError: if a setting can't be read
    """
    on = parts.settings.channels
    return {name: make(parts) for name, make in CHANNELS.items() if name in on}


def _secret(given: SecretStr | None) -> str:
    return given.get_secret_value() if given else ""
