"""A card in words, and its number as QR and Code 128: SVG that scales."""

from html import escape
from itertools import groupby
from zoneinfo import ZoneInfo

import segno
from barcode import Code128

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

_QUIET_MODULES = 10
_HEIGHT = 40


def qr_svg(text: str, *, label: str) -> str:
    """Return an SVG element with the text as a QR code; ``label`` names it."""
    code = segno.make(text, error="m", micro=False)
    return code.svg_inline(omitsize=True, border=2, svgclass="qr", title=label)


def code128_svg(number: str, *, label: str = "") -> str:
    """
    Return an SVG element with the number as a Code 128 barcode on white.

    Drawn from the library's modules, because its own picture colours itself by
    inline styles, which a page's content security policy refuses.
    """
    bars, at = [], _QUIET_MODULES
    for dark, run in groupby(Code128(number).build()[0]):
        width = len(list(run))
        if dark == "1":
            bars.append(f"M{at} 0h{width}v{_HEIGHT}h-{width}z")
        at += width
    width = at + _QUIET_MODULES
    return (
        f'<svg class="bars" viewBox="0 0 {width} {_HEIGHT}" role="img"'
        f' preserveAspectRatio="none" aria-label="{escape(label or number)}">'
        f'<path fill="#fff" d="M0 0h{width}v{_HEIGHT}H0z"/>'
        f'<path fill="#000" shape-rendering="crispEdges" d="{"".join(bars)}"/></svg>'
    )


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
