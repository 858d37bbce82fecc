"""What stands behind each way of reaching a customer."""

import re
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

TOGETHER: Final = (
    ("sms_account", "sms_token", "sms_from"),
    ("telegram_token", "telegram_bot"),
    ("letter_dir", "letter_sender"),
    ("message_webhook_url", "message_webhook_secret"),
)
"""Settings of which one is worth nothing without the others."""

ALWAYS: Final = frozenset({"email", "inbox", "till"})
_SECRET: Final = re.compile(r"whsec_[A-Za-z0-9+/]{32,}={0,2}")
_SWITCHES: Final = {
    "sms": "sms_account",
    "push": "push_contact",
    "telegram": "telegram_token",
    "letter": "letter_dir",
    "webhook": "message_webhook_url",
}
"""The setting without which a channel has no provider."""


class ProviderSettings(BaseModel):
    """The channels' part of the settings; each channel is off without its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    smtp_url: str = Field(default="smtp://127.0.0.1:25", pattern=r"^smtps?://")
    """The mail server, as ``smtp://user:password@host:587``."""

    send_rates: str = Field(
        default="", pattern=r"^([a-z_]+=\d+(\.\d+)?(,[a-z_]+=\d+(\.\d+)?)*)?$"
    )
    """How many messages a second a provider takes, as ``smtp=50,twilio=0.5``. One
    that is not named gets them as fast as they can be handed over."""

    mail_from: str = Field(default="Lab market <offers@example.org>")
    """The sender of every mail."""

    bounce_address: str | None = Field(default=None, pattern=r"^[^@\s<>+]+@[^@\s<>]+$")
    """The mailbox to which mails come back, as ``bounces@example.org``. It must take
    ``bounces+<anything>@example.org`` too. Without it: ``bounces`` at the sender's
    domain."""

    dkim_keys: str | None = Field(
        default=None, pattern=r"^[\w.-]+=[^,=]+(,\s*[\w.-]+=[^,=]+)*$"
    )
    """What mails are signed with, as ``2026a=/etc/loyalty/dkim.pem``: the selector in
    DNS and a private key, RSA or Ed25519, PEM; several with commas between. Without it
    the mail server may sign."""

    sms_url: str = Field(default="https://api.twilio.com", pattern=r"^https?://")
    """The text messages' provider, Twilio or one whose interface has that shape."""

    sms_account: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._-]+$")
    """The account's identifier. Text messages are off without it."""

    sms_token: SecretStr | None = None
    """The account's secret; it also signs what the provider reports back."""

    sms_from: str | None = Field(
        default=None,
        pattern=r"^(\+[1-9][0-9]{4,14}|[A-Za-z0-9 ]{1,11}|MG[0-9a-f]{32})$",
    )
    """The sender: a number, a name of at most 11 letters, or a messaging service."""

    sms_part_cost: int = Field(default=0, ge=0)
    """What one part of a text message costs, in millionths of the currency's unit."""

    push_contact: str | None = Field(
        default=None, pattern=r"^(mailto:.+@.+|https://.+)$"
    )
    """Whom push services write to, as ``mailto:shop@example.org``. Web push is off
    without it; its keys are derived from the secret key."""

    push_allow_private: bool = False
    """Let notifications go to http addresses and to those of the own network."""

    telegram_token: SecretStr | None = Field(default=None, min_length=20)
    """The bot's token, from Telegram's BotFather. Telegram is off without it."""

    telegram_bot: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_]{5,32}$")
    """The bot's name, without the @."""

    telegram_url: str = Field(default="https://api.telegram.org", pattern=r"^https?://")
    """Where the Bot API is; a server of your own perhaps."""

    letter_dir: Path | None = None
    """Where batches of letters are put for the printer. Letters are off without it."""

    letter_sender: str | None = Field(default=None, max_length=120)
    """The sender's address in one line, printed small above the addressee's."""

    letter_cost: int = Field(default=0, ge=0)
    """What one letter costs, in millionths of the currency's unit."""

    message_webhook_url: str | None = Field(default=None, pattern=r"^https?://")
    """Where messages for the shop's own app are posted. It is off without it."""

    message_webhook_secret: SecretStr | None = None
    """What signs them (Standard Webhooks), as ``whsec_…``."""

    report_secret: SecretStr | None = None
    """What signs the events that a mail provider reports to ``/reports/events``
    (Standard Webhooks), as ``whsec_…``."""

    @field_validator("message_webhook_secret", "report_secret")
    @classmethod
    def _is_a_secret(cls, given: SecretStr | None) -> SecretStr | None:
        """Refuse what Standard Webhooks can't sign with."""
        if given is not None and not _SECRET.fullmatch(given.get_secret_value()):
            message = "a secret is whsec_ and at least 24 bytes in base64"
            raise ValueError(message)
        return given

    @property
    def channels(self) -> frozenset[str]:
        """
        The names of the channels that something stands behind.

        The only place that says so: the web offers customers these, the worker opens
        these. A ``Channel`` equals its name.
        """
        on = {name for name, switch in _SWITCHES.items() if getattr(self, switch)}
        return ALWAYS | on

    @property
    def rates(self) -> dict[str, float]:
        """Messages a second by provider, where there is a limit."""
        pairs = [pair.split("=") for pair in self.send_rates.split(",") if pair]
        return {name: float(rate) for name, rate in pairs if float(rate) > 0}
