"""Slowing down who guesses gift cards' codes: only codes that nobody has count."""

from http import HTTPStatus
from typing import Final

from flask import Response, request

from loyalty.api.errors import read_json
from loyalty.web.protection import limiter

_CODE: Final = "gift_card_not_found"


def guesser() -> str:
    """Return by whom guessed codes are counted: the key that was sent."""
    return f"gift:{request.headers.get('Authorization', '')[:32]}"


def missed(response: Response) -> bool:
    """Test whether a code was nobody's."""
    if response.status_code != HTTPStatus.NOT_FOUND:
        return False
    body = response.get_json(silent=True, force=True)
    return isinstance(body, dict) and body.get("code") == _CODE


def names_no_card() -> bool:
    """Test whether a basket is paid without gift cards."""
    body = read_json()
    return not (isinstance(body, dict) and body.get("gift_cards"))


guessed_codes: Final = limiter.shared_limit(
    "20 per 15 minutes", scope="gift cards", key_func=guesser, deduct_when=missed
)
"""For operations on one card by its code."""

guessed_tenders: Final = limiter.shared_limit(
    "20 per 15 minutes",
    scope="gift cards",
    key_func=guesser,
    deduct_when=missed,
    exempt_when=names_no_card,
)
"""For baskets that may be paid with gift cards."""
