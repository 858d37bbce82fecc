"""The messages' words, once, as plain text and as HTML.

A template writes a :class:`Letter`; the text part, the HTML part and the customer's
inbox all show the same one. Personal values come in only when a message is handed
over or read, so that nothing of a person is stored with a planned message.
"""

from loyalty.delivery.render.builtin import (
    TEMPLATES,
    Filling,
    expiring_parameters,
    offer_parameters,
    welcome_parameters,
)
from loyalty.delivery.render.composing import (
    OFFER_PURPOSE,
    OPENED_PURPOSE,
    UNSUBSCRIBE_PURPOSE,
    compose,
    compose_wallet_link,
    write,
)
from loyalty.delivery.render.confirming import (
    CONFIRM_PURPOSE,
    confirm_parameters,
    confirm_token,
)
from loyalty.delivery.render.letters import Letter, as_html, as_text
from loyalty.delivery.render.skeleton import Page

__all__ = [
    "CONFIRM_PURPOSE",
    "OFFER_PURPOSE",
    "OPENED_PURPOSE",
    "TEMPLATES",
    "UNSUBSCRIBE_PURPOSE",
    "Filling",
    "Letter",
    "Page",
    "as_html",
    "as_text",
    "compose",
    "compose_wallet_link",
    "confirm_parameters",
    "confirm_token",
    "expiring_parameters",
    "offer_parameters",
    "welcome_parameters",
    "write",
]
