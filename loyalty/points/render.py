"""Movements of points in words, for the member and for staff."""

from loyalty.core.texts import gettext as _
from loyalty.points.values import Account, Kind, Transfer


def movement_words(transfer: Transfer) -> str:
    """Return what a movement was, in the language in use."""
    if transfer.kind is Kind.EARN and transfer.credit is Account.PENDING:
        return _("Purchase, soon to be spent")
    if transfer.kind is Kind.EARN and transfer.purchase_id is None:
        return _("Given by the shop")
    return {
        Kind.EARN: _("Purchase"),
        Kind.MATURE: _("Can be spent now"),
        Kind.SPEND: _("Spent"),
        Kind.GIVE_BACK: _("Given back for a return"),
        Kind.TAKE_BACK: _("Taken back for a return"),
        Kind.UNDO: _("Undone"),
        Kind.ADJUST: _("Put right by the shop"),
        Kind.MOVE: _("From another member")
        if transfer.points > 0
        else _("To another member"),
        Kind.EXPIRE: _("Expired"),
    }[transfer.kind]
