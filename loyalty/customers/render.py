"""The wordings that customers agree to, word for word as they are kept."""

from loyalty.core.texts import gettext as _
from loyalty.core.texts import use_language
from loyalty.customers.values import Channel, Purpose

WORDING_VERSION = "2026-11"


def consent_wording(purpose: Purpose, channel: Channel | None, language: str) -> str:
    """Return the sentence that a consent of this kind agrees to."""
    with use_language(language):
        if purpose is Purpose.PERSONALISATION:
            return _("Choose offers for me from what I buy. I can stop this any time.")
        if purpose is Purpose.MEASUREMENT:
            return _(
                "Count which messages I open and which links I follow. I can stop this"
                " any time."
            )
        return _(
            "Send me offers by %(channel)s. I can stop this any time.",
            channel=channel_name(channel or Channel.INBOX),
        )


def channel_name(channel: Channel) -> str:
    """Return what a channel is called in a sentence, in the language in use."""
    return {
        Channel.EMAIL: _("e-mail"),
        Channel.SMS: _("text message"),
        Channel.PUSH: _("browser notification"),
        Channel.TELEGRAM: _("Telegram"),
        Channel.INBOX: _("inbox"),
        Channel.TILL: _("receipt"),
        Channel.LETTER: _("letter"),
        Channel.WEBHOOK: _("the shop's app"),
    }[channel]
