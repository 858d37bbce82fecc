"""What states, channels and reasons are called on our pages."""

from typing import Final

from loyalty.admin.pages import blueprint
from loyalty.core.texts import gettext as _
from loyalty.customers.render import channel_name
from loyalty.customers.rules.addresses import push_service
from loyalty.customers.values import (
    Channel,
    Consent,
    Contact,
    ContactKind,
    Purpose,
    Suppression,
)
from loyalty.delivery.values import MessageState, Reason
from loyalty.offers.values import OfferState
from loyalty.points.render import movement_words

TONES: Final = {
    MessageState.PLANNED: "info",
    MessageState.CLAIMED: "info",
    MessageState.SENDING: "info",
    MessageState.SENT: "good",
    MessageState.DELIVERED: "good",
    MessageState.BOUNCED: "bad",
    MessageState.COMPLAINED: "bad",
    MessageState.UNKNOWN: "warn",
    MessageState.FAILED: "bad",
    MessageState.SUPPRESSED: "plain",
    MessageState.EXPIRED: "plain",
    MessageState.CANCELLED: "plain",
}
"""The colour of the badge of each state of a message."""


@blueprint.app_template_filter("channel_name")
def name_of_channel(channel: Channel | None) -> str:
    """Return what a channel is called; None is a message that found none."""
    return _("no channel") if channel is None else channel_name(channel)


@blueprint.app_template_filter("contact_kind")
def name_of_contact_kind(kind: ContactKind) -> str:
    """Return what a kind of address is called."""
    return {
        ContactKind.EMAIL: _("E-mail"),
        ContactKind.PHONE: _("Phone"),
        ContactKind.PUSH: _("Browser"),
        ContactKind.TELEGRAM: _("Telegram"),
        ContactKind.POST: _("Postal address"),
    }[kind]


@blueprint.app_template_filter("contact_value")
def value_of_contact(contact: Contact) -> str:
    """Return an address as staff need it: of a browser, who carries its messages."""
    if contact.kind is ContactKind.PUSH:
        return push_service(contact.value)
    return ", ".join(contact.value.splitlines())


@blueprint.app_template_filter("message_state")
def name_of_state(state: MessageState) -> str:
    """Return what a message's state is called."""
    return {
        MessageState.PLANNED: _("planned"),
        MessageState.CLAIMED: _("in a worker's hands"),
        MessageState.SENDING: _("being handed over"),
        MessageState.SENT: _("sent"),
        MessageState.DELIVERED: _("delivered"),
        MessageState.BOUNCED: _("bounced"),
        MessageState.COMPLAINED: _("complained about"),
        MessageState.UNKNOWN: _("unknown"),
        MessageState.FAILED: _("failed"),
        MessageState.SUPPRESSED: _("not sent"),
        MessageState.EXPIRED: _("too late"),
        MessageState.CANCELLED: _("cancelled"),
    }[state]


@blueprint.app_template_filter("message_reason")
def name_of_reason(reason: Reason | None) -> str:
    """Return why a message was refused, put off or given up."""
    if reason is None:
        return ""
    return {
        Reason.CUSTOMER_ERASED: _("the customer was erased"),
        Reason.NO_CONSENT: _("no consent to offers"),
        Reason.NO_CHANNEL: _("no channel with a working address and a consent"),
        Reason.NO_MOMENT: _("no permitted hour before it loses its point"),
        Reason.WEEKLY_CAP: _("the week's messages are used up"),
        Reason.TOO_LATE: _("its time was over"),
        Reason.OFFER_ENDED: _("the offer had ended"),
        Reason.OFFER_REDEEMED: _("the offer was redeemed already"),
        Reason.OFFER_WITHDRAWN: _("the offer was withdrawn"),
        Reason.CANCELLED: _("somebody cancelled it"),
        Reason.NOT_NOW: _("outside the customer's hours: planned anew"),
        Reason.CHANNEL_LOST: _("the channel is no longer permitted: planned anew"),
        Reason.TEMPORARY: _("the provider asked to try later"),
        Reason.PERMANENT: _("the provider refused it for good"),
        Reason.GAVE_UP: _("too many attempts"),
        Reason.LEASE_ENDED: _("the worker that held it went away"),
        Reason.FELL_BACK: _("its channel failed: planned anew on the next one"),
        Reason.REPLAYED: _("somebody had it planned once more"),
        Reason.ASKED: _("the provider was asked, and knew"),
    }[reason]


@blueprint.app_template_filter("offer_state")
def name_of_offer_state(state: OfferState) -> str:
    """Return what became of an offer."""
    return {
        OfferState.OFFERED: _("offered"),
        OfferState.DISMISSED: _("not for me"),
        OfferState.REDEEMED: _("redeemed"),
        OfferState.WITHDRAWN: _("withdrawn"),
    }[state]


@blueprint.app_template_filter("consent_words")
def consent_words(consent: Consent) -> str:
    """Return what a customer agreed to, or stopped."""
    if consent.purpose is Purpose.PERSONALISATION:
        return (
            _("Personal offers from purchases: yes")
            if consent.given
            else _("Personal offers from purchases: no")
        )
    if consent.purpose is Purpose.MEASUREMENT:
        return (
            _("Counting what is opened: yes")
            if consent.given
            else _("Counting what is opened: no")
        )
    channel = name_of_channel(consent.channel)
    if consent.asked:
        return _("Offers by %(channel)s: waiting for confirmation", channel=channel)
    if consent.given:
        return _("Offers by %(channel)s: yes", channel=channel)
    return _("Offers by %(channel)s: no", channel=channel)


@blueprint.app_template_filter("suppression")
def suppression_words(why: str | None) -> str:
    """Return why nothing goes to an address; what older versions wrote stays."""
    return {
        Suppression.REFUSED.value: _("the provider refused it"),
        Suppression.BOUNCED.value: _("a message came back for good"),
        Suppression.SOFT_BOUNCES.value: _("messages came back again and again"),
        Suppression.COMPLAINED.value: _("reported as spam"),
        Suppression.BLOCKED.value: _("the customer blocked it"),
    }.get(why or "", why or "")


blueprint.add_app_template_filter(movement_words)


@blueprint.app_template_filter("template_name")
def name_of_template(template: str) -> str:
    """Return what kind of message a template writes."""
    known = {
        "expiring": _("Points that expire"),
        "offer": _("Offer"),
        "welcome": _("Welcome"),
    }
    return known.get(template, template)


@blueprint.app_template_filter("scope_name")
def name_of_scope(scope: str) -> str:
    """Return what a pause covers."""
    kind, _colon, name = scope.partition(":")
    if kind == "channel" and name in set(Channel):
        return channel_name(Channel(name))
    if kind == "campaign":
        return _("campaign %(number)s", number=name)
    return _("everything")
