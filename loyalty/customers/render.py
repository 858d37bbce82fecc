"""The wordings that customers agree to, word for word as they are kept."""

from loyalty.core.texts import gettext as _
from loyalty.core.texts import use_language
from loyalty.customers.values import Channel, Consent, Purpose

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
        return _marketing(channel or Channel.INBOX)


def _marketing(channel: Channel) -> str:
    """Return the sentence of one channel; whole, for no language bends a name alike."""
    return {
        Channel.EMAIL: _("Send me offers by e-mail. I can stop this any time."),
        Channel.SMS: _("Send me offers by text message. I can stop this any time."),
        Channel.PUSH: _("Show me offers on this device. I can stop this any time."),
        Channel.TELEGRAM: _("Send me offers on Telegram. I can stop this any time."),
        Channel.INBOX: _("Show me offers in my inbox. I can stop this any time."),
        Channel.TILL: _("Print offers on my receipts. I can stop this any time."),
        Channel.LETTER: _("Send me offers by post. I can stop this any time."),
        Channel.WEBHOOK: _(
            "Show me offers in the app of the shop. I can stop any time."
        ),
    }[channel]


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


def statement_words(consent: Consent) -> str:
    """Return what a customer said, in a few words."""
    if consent.purpose is Purpose.PERSONALISATION:
        return (
            _("Offers from my purchases: yes")
            if consent.given
            else _("Offers from my purchases: no")
        )
    if consent.purpose is Purpose.MEASUREMENT:
        return (
            _("Counting what I open: yes")
            if consent.given
            else _("Counting what I open: no")
        )
    channel = channel_name(consent.channel or Channel.INBOX)
    if consent.asked:
        return _("Offers by %(channel)s: yes, to be confirmed", channel=channel)
    if consent.given:
        return _("Offers by %(channel)s: yes", channel=channel)
    return _("Offers by %(channel)s: no", channel=channel)
