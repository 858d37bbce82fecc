"""The card in the phone's own wallet: Apple's as a file, Google's as a link."""

from flask import Blueprint, Response, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.cards.queries import main_card
from loyalty.cards.render.apple import MEDIA_TYPE, WalletCard, apple_pass
from loyalty.cards.render.google import google_link
from loyalty.core.clock import machine_now, utc_now
from loyalty.core.errors import NotFound
from loyalty.core.texts import gettext as _
from loyalty.points.queries import spendable
from loyalty.portal.views import here_profile
from loyalty.stores.queries import get_programme
from loyalty.web.context import database, parts
from loyalty.web.guards import requires_customer

blueprint = Blueprint("phone_wallets", __name__)


class WalletOff(NotFound):
    """The shop has set no keys for this wallet, or the customer has no card."""

    code = "wallet_off"


@blueprint.get("/wallet/card.pkpass")
@requires_customer
def apple() -> ResponseReturnValue:
    """Give the card as a pass for Apple Wallet."""
    keys = parts().wallet_keys.apple
    if keys is None:
        raise WalletOff(_("This shop has no cards for Apple Wallet."))
    with database().transaction() as db:
        card = _card(db)
    return Response(
        apple_pass(card, keys=keys),
        mimetype=MEDIA_TYPE,
        headers={"Content-Disposition": 'attachment; filename="card.pkpass"'},
    )


@blueprint.get("/wallet/google")
@requires_customer
def google() -> ResponseReturnValue:
    """Go to Google with a card to save."""
    keys = parts().wallet_keys.google
    if keys is None:
        raise WalletOff(_("This shop has no cards for Google Wallet."))
    with database().transaction() as db:
        card = _card(db)
    origin = parts().public_url
    return redirect(google_link(card, keys=keys, origin=origin, now=machine_now()))


def _card(db: Session) -> WalletCard:
    profile = here_profile(db)
    card = main_card(db, customer_id=profile.id)
    if card is None:
        message = _("You have no working card. Ask at any till for a new one.")
        raise WalletOff(message)
    return WalletCard(
        shop=get_programme(db).name,
        number=card.number,
        points=spendable(db, customer_id=profile.id, now=utc_now()),
        name=profile.display_name,
        address=f"{parts().public_url}/wallet",
    )
