"""Messages that waited for the customer's visit: said by staff, or printed."""

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from loyalty.core.clock import utc_now
from loyalty.core.texts import gettext as _
from loyalty.delivery.queries.tills import TillMessageNotFound
from loyalty.staff.values import Permission
from loyalty.till.counter import current_counter
from loyalty.usecases.tell_at_till import say
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.surface import redirect_to

blueprint = Blueprint("messages", __name__)


@blueprint.post("/messages/<key>/said")
@requires(Permission.TILL_SERVE)
def note_said(key: str) -> ResponseReturnValue:
    """Note that the member who stands here was told; twice does no harm."""
    customer_id = current_counter().customer_id
    if customer_id is None:
        return redirect_to("/till")
    try:
        with database().transaction() as db:
            say(
                db,
                customer_id=customer_id,
                key=key,
                actor=current_staff().actor,
                now=utc_now(),
            )
    except TillMessageNotFound:
        flash(_("It was told already."))
    return redirect_to("/till")
