"""A card in words."""

from zoneinfo import ZoneInfo

from loyalty.cards.rules import grouped
from loyalty.cards.values import (
    Card,
    CardAction,
    CardEvent,
    CardReason,
    CardState,
)
from loyalty.core.texts import format_date
from loyalty.core.texts import gettext as _


def why_it_does_not_work(card: Card, *, zone: ZoneInfo) -> str:
    """Return why a card does not work and what to do, for the person at the till."""
    moment = card.changed_at or card.issued_at
    said = {
        "number": grouped(card.number),
        "day": format_date(moment.astimezone(zone).date(), style="d MMMM yyyy"),
        "ending": (card.replaced_by or "")[-4:],
    }
    match (card.state, card.reason):
        case (CardState.BLOCKED, CardReason.STOLEN):
            return _(
                "The card %(number)s was reported stolen on %(day)s: keep it if you "
                "can, and ask for the phone number or e-mail address.",
                **said,
            )
        case (CardState.BLOCKED, _any):
            return _(
                "The card %(number)s was reported lost on %(day)s: ask for the phone "
                "number or e-mail address, then replace the card, or unblock it if it "
                "turned up.",
                **said,
            )
        case (CardState.REPLACED, _any):
            return _(
                "The card %(number)s was replaced on %(day)s: ask for the new one, "
                "which ends in %(ending)s, or for the phone number or e-mail address.",
                **said,
            )
        case _:
            return _(
                "The card %(number)s was closed on %(day)s: ask for the phone number "
                "or e-mail address, and give a new card if the customer wants one.",
                **said,
            )


def action_words(event: CardEvent) -> str:
    """Return what happened to a card, without when and by whom."""
    words = {
        CardAction.ISSUED: _("issued"),
        CardAction.ATTACHED: _("printed card given out"),
        CardAction.BLOCKED: _("blocked"),
        CardAction.UNBLOCKED: _("works again"),
        CardAction.REPLACED: _("replaced"),
        CardAction.CLOSED: _("closed"),
        CardAction.MADE_MAIN: _("made the main card"),
    }[event.action]
    return f"{words} ({reason_words(event.reason)})" if event.reason else words


def reason_words(reason: CardReason) -> str:
    """Return why a card does not work."""
    return {
        CardReason.LOST: _("lost"),
        CardReason.STOLEN: _("stolen"),
        CardReason.DAMAGED: _("damaged"),
        CardReason.UNWANTED: _("not wanted any more"),
    }[reason]


def state_words(state: CardState) -> str:
    """Return whether a card works."""
    return {
        CardState.ACTIVE: _("works"),
        CardState.BLOCKED: _("blocked"),
        CardState.REPLACED: _("replaced"),
        CardState.CLOSED: _("closed"),
    }[state]
