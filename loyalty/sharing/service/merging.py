"""Two records of one person, one of which shares a balance with others."""

from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.core.texts import gettext as _
from loyalty.customers.values import CustomerID
from loyalty.sharing import queries


class SharesStill(Refused):
    """The record shares a balance, of which a part is other people's."""

    code = "household_shared"


def check_separate(session: Session, *, into: CustomerID, merged: CustomerID) -> None:
    """
    Refuse to merge records whose points are mixed with those of others.

    The record that stands may keep a balance that others share: it is its own.

    :raises SharesStill: if the merged one belongs to a household, or the one that
        stands to somebody else's
    """
    if queries.household_of(session, customer_id=merged) is not None:
        message = _(
            "Record %(record)s shares a balance: let it leave the household first.",
            record=merged,
        )
        raise SharesStill(message)
    check_own_balance(session, customer_id=into)


def check_own_balance(session: Session, *, customer_id: CustomerID) -> None:
    """
    Refuse where somebody else keeps the balance that a record spends from.

    :raises SharesStill: naming the record, whose points come back when it leaves
    """
    if queries.purse_of(session, customer_id=customer_id) != customer_id:
        message = _(
            "Record %(record)s shares somebody else's balance: let it leave the "
            "household first.",
            record=customer_id,
        )
        raise SharesStill(message)
