"""A card in words, as pictures, on paper, and in the wallets of phones."""

from loyalty.cards.render.pictures import code128_svg, qr_svg
from loyalty.cards.render.words import (
    action_words,
    reason_words,
    state_words,
    why_it_does_not_work,
)

__all__ = [
    "action_words",
    "code128_svg",
    "qr_svg",
    "reason_words",
    "state_words",
    "why_it_does_not_work",
]
