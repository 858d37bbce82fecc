"""Everything that was sent to the customer, on whatever channel."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from loyalty.core.clock import utc_now
from loyalty.core.texts import current_language
from loyalty.customers.render import channel_name
from loyalty.delivery.queries.messages import inbox
from loyalty.portal.views import here_profile, zone_of
from loyalty.web.context import database
from loyalty.web.guards import requires_customer
from loyalty.web.surface import render

blueprint = Blueprint("messages", __name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message, opened."""

    at: datetime
    channel: str | None
    subject: str
    paragraphs: tuple[str, ...]
    small_print: tuple[str, ...]
    offer_id: int | None


@blueprint.get("/wallet/messages")
@requires_customer
def show() -> ResponseReturnValue:
    """Show the messages, the newest first."""
    after = request.args.get("after")
    with database().transaction() as db:
        profile = here_profile(db)
        page = inbox(
            db,
            customer_id=profile.id,
            language=current_language(),
            zone=profile.time_zone,
            now=utc_now(),
            cursor=after,
        )
    zone = zone_of(profile)
    return render(
        "portal/messages.html",
        messages=[
            Message(
                at=item.at.astimezone(zone),
                channel=channel_name(item.channel) if item.channel else None,
                subject=item.letter.subject,
                paragraphs=item.letter.paragraphs,
                small_print=item.letter.small_print,
                offer_id=item.offer_id,
            )
            for item in page.items
        ],
        next_cursor=page.next_cursor,
        first=after is None,
    )
