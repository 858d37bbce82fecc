"""One offer: its terms in full, why this customer has it, and "not for me"."""

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue

from loyalty.core.clock import utc_now
from loyalty.core.texts import current_language
from loyalty.core.texts import gettext as _
from loyalty.offers.queries import get_offer
from loyalty.offers.render import learning
from loyalty.offers.service import dismiss, restore
from loyalty.offers.values import OfferID
from loyalty.portal.views import here_profile, offer_cards, zone_of
from loyalty.web.context import database
from loyalty.web.guards import requires_customer
from loyalty.web.people import current_customer_id
from loyalty.web.surface import redirect_to, render

blueprint = Blueprint("offers", __name__, url_prefix="/wallet/offers")


@blueprint.get("/<int:offer_id>")
@requires_customer
def show(offer_id: int) -> ResponseReturnValue:
    """Show an offer of this customer's."""
    now = utc_now()
    with database().transaction() as db:
        profile = here_profile(db)
        offer = get_offer(db, offer_id=OfferID(offer_id), customer_id=profile.id)
        card = offer_cards(db, [offer], zone=zone_of(profile), now=now)[0]
    return render(
        "portal/offer.html", offer=card, learning=learning(current_language())
    )


@blueprint.post("/<int:offer_id>/not-for-me")
@requires_customer
def put_away(offer_id: int) -> ResponseReturnValue:
    """Put an offer away; the wallet offers to take that back."""
    with database().transaction() as db:
        dismiss(
            db,
            offer_id=OfferID(offer_id),
            customer_id=current_customer_id(),
            now=utc_now(),
        )
    flash(
        _(
            "Put away. Similar offers come less often now. You find it below your"
            " offers if you change your mind."
        )
    )
    return redirect_to("/wallet")


@blueprint.post("/<int:offer_id>/back")
@requires_customer
def take_back(offer_id: int) -> ResponseReturnValue:
    """Take "not for me" back."""
    with database().transaction() as db:
        restore(db, offer_id=OfferID(offer_id), customer_id=current_customer_id())
    flash(_("The offer counts again, and similar ones come as before."))
    return redirect_to("/wallet")
