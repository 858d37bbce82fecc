"""One message: what happened and why, what the customer saw, and another try."""

from typing import Final

from flask import flash
from flask.typing import ResponseReturnValue

from loyalty.admin.deliveries.brakes import may_control
from loyalty.admin.deliveries.sentences import Line, tell, why_sentences, zone_named
from loyalty.admin.names import TONES
from loyalty.admin.pages import actor, blueprint, needs_all_stores, show
from loyalty.core.clock import utc_now
from loyalty.core.errors import Refused
from loyalty.core.texts import format_datetime
from loyalty.core.texts import gettext as _
from loyalty.customers.queries import names_of
from loyalty.delivery.queries.messages import Story
from loyalty.delivery.queries.messages import story as story_of
from loyalty.delivery.render import Letter
from loyalty.delivery.service import cancel, replay
from loyalty.delivery.service.replaying import may_replay
from loyalty.delivery.values import MessageID
from loyalty.offers.queries import offers_by_id
from loyalty.offers.values import OfferID, OfferState
from loyalty.staff.queries import actor_names
from loyalty.staff.rules import may
from loyalty.staff.values import Permission
from loyalty.usecases.show_message import show_message
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.surface import redirect_to

_PATH: Final = "/admin/deliveries"


@blueprint.get("/deliveries/<int:message_id>")
@requires(Permission.DELIVERIES_READ)
def delivery(message_id: int) -> ResponseReturnValue:
    """Show all that happened to one message."""
    return _show(MessageID(message_id))


@blueprint.post("/deliveries/<int:message_id>/seen")
@requires(Permission.CUSTOMERS_READ)
def seen_delivery(message_id: int) -> ResponseReturnValue:
    """Show what the customer saw as well; that somebody looked is noted."""
    with database().transaction() as session:
        letter = show_message(
            session, message_id=MessageID(message_id), actor=actor(), now=utc_now()
        )
    return _show(MessageID(message_id), letter=letter)


@blueprint.post("/deliveries/<int:message_id>/cancel")
@requires(Permission.DELIVERIES_CONTROL)
def cancel_delivery(message_id: int) -> ResponseReturnValue:
    """End a planned message without sending it."""
    needs_all_stores(Permission.DELIVERIES_CONTROL)
    with database().transaction() as session:
        cancel(session, message_id=MessageID(message_id), actor=actor(), now=utc_now())
    flash(_("Cancelled."))
    return redirect_to(f"{_PATH}/{message_id}")


@blueprint.post("/deliveries/<int:message_id>/replay")
@requires(Permission.DELIVERIES_CONTROL)
def replay_delivery(message_id: int) -> ResponseReturnValue:
    """Plan a message once more that did not go out."""
    needs_all_stores(Permission.DELIVERIES_CONTROL)
    try:
        with database().transaction() as session:
            replay(
                session, message_id=MessageID(message_id), actor=actor(), now=utc_now()
            )
    except Refused as refusal:
        flash(str(refusal), "warn")
    else:
        flash(_("Planned once more: it is checked again and leaves when it may."))
    return redirect_to(f"{_PATH}/{message_id}")


def _show(
    message_id: MessageID, *, letter: Letter | None = None
) -> ResponseReturnValue:
    now = utc_now()
    with database().transaction() as session:
        found = story_of(session, message_id=message_id)
        item = found.delivery
        names = names_of(session, customer_ids=[item.customer_id])
        lines = tell(found.events, actor_names(session))
        offer_id = item.offer_id
        offers = (
            {}
            if offer_id is None
            else offers_by_id(session, offer_ids=[OfferID(offer_id)])
        )
    offer = next(iter(offers.values()), None)
    if offer is not None and offer.state is OfferState.REDEEMED and offer.decided_at:
        redeemed = _("The customer redeemed the offer at the till.")
        lines.append(Line(at=offer.decided_at, tone="good", text=redeemed))
        lines.sort(key=lambda line: line.at)
    return show(
        "deliveries/story.html",
        item=item,
        lines=lines,
        why=why_sentences(item.planned_why),
        their_zone=_their_zone(found),
        when=lambda moment, zone: format_datetime(
            moment.astimezone(zone), style="d MMM, HH:mm:ss"
        ),
        name=names.get(item.customer_id, ""),
        letter=letter,
        tones=TONES,
        may_control=may_control(),
        may_see=may(current_staff(), Permission.CUSTOMERS_READ),
        may_replay=may_replay(
            state=item.state, kind=item.kind, not_after=item.not_after, now=now
        ),
    )


def _their_zone(found: Story) -> object:
    """Return the customer's zone as some plan of the message noted it."""
    plans = [found.delivery.planned_why, *(event.details for event in found.events)]
    return next((zone for plan in plans if (zone := zone_named(plan))), None)
