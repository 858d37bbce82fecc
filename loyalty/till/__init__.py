"""The till: identify, enrol, price and record, by keyboard or scanner alone."""

from flask import Blueprint

from loyalty.till import (
    basket,
    cards,
    enrol,
    giftcards,
    identify,
    lines,
    messages,
    pay,
    put_right,
    rewards,
    tenders,
)
from loyalty.till.counter import ask_for_store

blueprint = Blueprint("till", __name__, url_prefix="/till", template_folder="templates")
for part in (
    identify,
    enrol,
    basket,
    lines,
    pay,
    put_right,
    cards,
    rewards,
    giftcards,
    tenders,
    messages,
):
    blueprint.register_blueprint(part.blueprint)
blueprint.before_request(ask_for_store)

__all__ = ["blueprint"]
