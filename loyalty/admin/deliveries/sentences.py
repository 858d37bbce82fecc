"""A message's story in sentences, for support to read and to read out."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from loyalty.admin.names import TONES, name_of_channel, name_of_reason
from loyalty.core.texts import format_datetime
from loyalty.core.texts import gettext as _
from loyalty.customers.values import Channel
from loyalty.delivery.queries.messages import Event
from loyalty.delivery.values import Details, MessageState, Reason, ReceiptEvent


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One thing that happened, in words."""

    at: datetime
    tone: str
    text: str
    notes: tuple[str, ...] = ()
    """What explains it, a sentence each."""


def tell(events: tuple[Event, ...], names: dict[str, str]) -> list[Line]:
    """Return what happened, the first thing first; ``names`` are those of actors."""
    lines = []
    tries = 0
    for event in events:
        if event.state is MessageState.SENDING and event.receipt is None:
            tries += 1
        lines.append(
            Line(
                at=event.at,
                tone=TONES[event.state],
                text=_text(event, tries, names),
                notes=_notes(event),
            )
        )
    return lines


def why_sentences(why: Details) -> tuple[str, ...]:
    """Return why a message goes by its channel and at its moment."""
    skipped = why.get("skipped")
    passed = skipped if isinstance(skipped, list) else []
    sentences = [_passed_over(one) for one in passed]
    if why.get("order") == "learned":
        sentences.append(
            _("The channel is the one where the customer usually opens messages.")
        )
    window = why.get("window")
    sentences += [_window_words()[window]] if window in _window_words() else []
    local, zone = why.get("local"), why.get("zone")
    if isinstance(local, str) and isinstance(zone, str):
        shown = format_datetime(
            datetime.fromisoformat(local), style="EEEE d MMM, HH:mm"
        )
        sentences.append(
            _(
                "That is %(time)s by the customer's clock (%(zone)s).",
                time=shown,
                zone=zone,
            )
        )
    return tuple(sentences)


def zone_named(why: Details) -> ZoneInfo | None:
    """Return the customer's zone, if the plan noted it."""
    name = why.get("zone")
    try:
        return ZoneInfo(name) if isinstance(name, str) else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _text(event: Event, tries: int, names: dict[str, str]) -> str:
    if event.receipt is not None:
        return _receipts()[event.receipt]
    match event.state:
        case MessageState.PLANNED:
            return _planned(event, names)
        case MessageState.SENDING:
            return (
                _("A worker began to hand it over.")
                if tries == 1
                else _("A worker began to hand it over, try %(n)s.", n=tries)
            )
        case MessageState.SENT:
            provider = event.details.get("provider") or _("the provider")
            return _("Accepted by %(provider)s.", provider=provider)
        case MessageState.CANCELLED if event.details.get("actor"):
            return _("Cancelled by %(who)s.", who=_who(event, names))
        case _:
            return _ended(event)


def _planned(event: Event, names: dict[str, str]) -> str:
    reason = event.reason
    if reason is None:
        if event.details.get("channel"):
            return _("Planned, by %(channel)s.", channel=_channel(event.details))
        return _("Put back: it was not handed over, and stays due.")
    return {
        Reason.REPLAYED: _("Planned once more by %(who)s.", who=_who(event, names)),
        Reason.TEMPORARY: _("The provider asked to try later; it was planned again."),
        Reason.NOT_NOW: _(
            "Not sent then, because it was outside the customer's hours; planned anew."
        ),
        Reason.CHANNEL_LOST: _(
            "Not sent, because the channel was no longer permitted; planned anew by"
            " %(channel)s.",
            channel=_channel(event.details),
        ),
        Reason.WEEKLY_CAP: _(
            "Not sent, because the week's messages were used up; planned anew."
        ),
        Reason.LEASE_ENDED: _(
            "The worker that held it went away before the hand-over; planned again."
        ),
        Reason.FELL_BACK: _(
            "The channel failed for good; planned anew by %(channel)s.",
            channel=_channel(event.details),
        ),
        Reason.ASKED: _("The provider says it never got it; planned again."),
    }.get(reason, _("Planned again: %(reason)s.", reason=name_of_reason(reason)))


def _ended(event: Event) -> str:
    reason = name_of_reason(event.reason)
    return {
        MessageState.UNKNOWN: _(
            "The hand-over was cut off: nobody can say whether it arrived. It is not"
            " sent again by itself."
        ),
        MessageState.FAILED: _("Given up: %(reason)s.", reason=reason),
        MessageState.SUPPRESSED: _("Not sent: %(reason)s.", reason=reason),
        MessageState.EXPIRED: _("Not sent, too late: %(reason)s.", reason=reason),
        MessageState.CANCELLED: _("Cancelled: %(reason)s.", reason=reason),
        MessageState.DELIVERED: _receipts()[ReceiptEvent.DELIVERED],
        MessageState.BOUNCED: _receipts()[ReceiptEvent.BOUNCED],
        MessageState.COMPLAINED: _receipts()[ReceiptEvent.COMPLAINED],
    }.get(event.state, reason)


def _notes(event: Event) -> tuple[str, ...]:
    notes = list(why_sentences(event.details))
    answer = event.details.get("answer")
    if isinstance(answer, str) and answer:
        notes.append(_("The provider said: “%(answer)s”", answer=answer))
    return tuple(notes)


def _passed_over(one: dict[str, str]) -> str:
    code = one.get("channel", "")
    channel = name_of_channel(Channel(code)) if code in set(Channel) else code
    why = {
        "no_provider": _("it is not offered here"),
        "no_consent": _("the customer did not agree to it"),
        "no_address": _("there is no verified address that works"),
        "failed": _("it failed already"),
        "tried": _("it failed already"),
    }.get(one.get("why", ""), one.get("why", ""))
    return _("Passed over: %(channel)s, because %(why)s.", channel=channel, why=why)


def _window_words() -> dict[object, str]:
    return {
        "at_once": _("It is needed, so it goes at once."),
        "declared": _("The hour is one that the customer asked for."),
        "learned": _("The hour is one at which the customer usually shops."),
        "programme": _(
            "The hour is one of the shop's, because the customer named none and none"
            " was learned."
        ),
    }


def _receipts() -> dict[ReceiptEvent, str]:
    return {
        ReceiptEvent.DELIVERED: _("It arrived, the provider says."),
        ReceiptEvent.BOUNCED: _("It came back: nothing arrives at that address."),
        ReceiptEvent.COMPLAINED: _("The customer marked it as unwanted."),
        ReceiptEvent.OPENED: _("The customer opened it."),
        ReceiptEvent.CLICKED: _("The customer followed its link."),
    }


def _channel(details: Details) -> str:
    code = details.get("channel")
    return name_of_channel(Channel(code) if code in set(Channel) else None)


def _who(event: Event, names: dict[str, str]) -> str:
    actor = str(event.details.get("actor") or "")
    return names.get(actor, actor)
