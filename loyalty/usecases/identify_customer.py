"""Finding the customer who stands at the till, by card, phone or e-mail."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.cards import queries as cards
from loyalty.cards.rules import DIGITS
from loyalty.cards.values import Card
from loyalty.core.errors import NotFound
from loyalty.core.texts import normalise_digits
from loyalty.customers import queries as customers
from loyalty.customers.rules import parse_address
from loyalty.customers.values import CustomerID, Profile
from loyalty.offers.queries import valid_offers
from loyalty.offers.values import Offer
from loyalty.points.queries import balance
from loyalty.sharing.queries import purse_of
from loyalty.stores.queries import get_programme
from loyalty.tiers.queries import standing
from loyalty.tiers.values import Standing

_SEPARATORS = " -\u00a0"
_FEWEST_CARD_DIGITS = 14
"""Longer than any national phone number: so many digits are meant as a card."""


class NobodyFound(NotFound):
    """No member has this phone number or e-mail address."""

    code = "nobody_found"


@dataclass(frozen=True, kw_only=True, slots=True)
class Identified:
    """A member as the till shows one."""

    profile: Profile
    card: Card | None
    """The card to show: the main one, else the newest that works."""

    balance: int
    offers: tuple[Offer, ...]
    """Those that count now, the best first."""

    tier: Standing | None
    """None in a shop without tiers."""


def identify_customer(session: Session, *, text: str, now: datetime) -> Identified:
    """
    Find a member by what was typed or scanned.

    :raises Invalid: if it is neither a card number nor an address
    :raises CardNotFound: if no card has the number
    :raises CardNotActive: if the card was blocked, replaced or closed
    :raises NobodyFound: if no member has the address
    """
    text = normalise_digits(text).strip()
    if _looks_like_card(text):
        card = cards.get_active_card(session, number=text)
        return show_customer(session, customer_id=card.customer_id, now=now)
    region = get_programme(session).phone_region
    address = parse_address(text, region=region, pointer="/customer")
    customer_id = customers.find_by_address(session, address=address)
    if customer_id is None:
        message = "No member has this phone number or e-mail address yet."
        raise NobodyFound(message)
    return show_customer(session, customer_id=customer_id, now=now)


def show_customer(
    session: Session, *, customer_id: CustomerID, now: datetime
) -> Identified:
    """
    Return what the till shows of a member who is known already.

    :raises CustomerNotFound: if there is no such customer
    """
    return Identified(
        profile=customers.get_profile(session, customer_id=customer_id),
        card=cards.main_card(session, customer_id=customer_id),
        balance=balance(
            session, customer_id=purse_of(session, customer_id=customer_id)
        ),
        offers=valid_offers(session, customer_id=customer_id, now=now),
        tier=standing(session, customer_id=customer_id, now=now),
    )


def _looks_like_card(text: str) -> bool:
    digits = "".join(c for c in text if c not in _SEPARATORS)
    if not digits.isdigit():
        return False
    return len(digits) >= min(_FEWEST_CARD_DIGITS, DIGITS)
