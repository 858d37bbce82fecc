"""What marketers' templates need to be filled in, for many messages at once."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from loyalty.cards.queries import main_card
from loyalty.customers.values import CustomerID
from loyalty.delivery.values import OwnWords
from loyalty.points.queries import spendable
from loyalty.templates.queries import versions_by_name
from loyalty.templates.values import Version

_LAST_DIGITS: Final = 4


def own_words(
    session: Session, *, wanted: Collection[tuple[CustomerID, str]], now: datetime
) -> dict[tuple[CustomerID, str], OwnWords]:
    """
    Return the words for pairs of a customer and a template's name.

    Pairs with a built-in template are left out, and those whose version is not there.
    A balance or a card is read only where the words speak of it.
    """
    names = {name for _customer, name in wanted}
    versions = versions_by_name(session, names=names)
    speaks = {name: _said(version) for name, version in versions.items()}
    return {
        (customer, name): OwnWords(
            version=versions[name],
            points=spendable(session, customer_id=customer, now=now)
            if "points" in speaks[name]
            else 0,
            card=_card(session, customer) if "card" in speaks[name] else "",
        )
        for customer, name in set(wanted)
        if name in versions
    }


def _card(session: Session, customer: CustomerID) -> str:
    card = main_card(session, customer_id=customer)
    return card.number[-_LAST_DIGITS:] if card else ""


def _said(version: Version) -> str:
    return " ".join(text for words in version.texts.values() for text in words.values())
