"""The customer's pages: card, offers with reasons, purchases, what reaches them."""

from flask import Blueprint

from loyalty.portal import (
    addresses,
    doors,
    mail_links,
    messages,
    offers,
    phone_wallets,
    preferences,
    purchases,
    rewards,
    sharing,
    wallet,
    ways,
)

blueprint = Blueprint("portal", __name__, template_folder="templates")
for part in (
    doors,
    mail_links,
    wallet,
    phone_wallets,
    offers,
    purchases,
    rewards,
    sharing,
    messages,
    preferences,
    addresses,
    ways,
):
    blueprint.register_blueprint(part.blueprint)

__all__ = ["blueprint"]
