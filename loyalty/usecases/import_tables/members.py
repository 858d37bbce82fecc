"""Whom a row is about."""

from sqlalchemy.orm import Session

from loyalty.cards.queries import CardNotActive, CardNotFound, get_active_card
from loyalty.core.errors import Invalid
from loyalty.customers.queries import find_by_address
from loyalty.customers.rules import parse_address
from loyalty.customers.values import CustomerID
from loyalty.stores.values import Programme
from loyalty.usecases.import_tables.reading import Cells


def find_member(session: Session, cells: Cells, programme: Programme) -> CustomerID:
    """
    Return whose card number, e-mail address or phone number is in ``customer``.

    :raises Invalid: if it is nobody's
    """
    text = cells.needed("customer")
    try:
        return get_active_card(session, number=text).customer_id
    except (CardNotFound, CardNotActive) as problem:
        raise Invalid.field(pointer="/customer", message=str(problem)) from None
    except Invalid:
        address = parse_address(
            text, region=programme.phone_region, pointer="/customer"
        )
    found = find_by_address(session, address=address)
    if found is None:
        message = "No member has this card number or address."
        raise Invalid.field(pointer="/customer", message=message)
    return found
