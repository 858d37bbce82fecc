"""The customer's pages: card, offers with reasons, purchases, what reaches them."""

from flask import Blueprint

from loyalty.portal import (
    doors,
    mail_links,
    messages,
    offers,
    phone_wallets,
    preferences,
    purchases,
    wallet,
)

blueprint = Blueprint("portal", __name__, template_folder="templates")
for part in (
    doors,
    mail_links,
    wallet,
    phone_wallets,
    offers,
    purchases,
    messages,
    preferences,
):
    blueprint.register_blueprint(part.blueprint)

__all__ = ["blueprint"]
