"""Undoing a movement by a new entry, as at the till."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.customers.values import CustomerID
from loyalty.points.models import AccountRow, TransferRow
from loyalty.points.queries.transfers import (
    TransferNotFound,
    taken_back_of_purchase,
)
from loyalty.points.rules.lots import put_back, take
from loyalty.points.service.lots import lots_of, lots_used_by, restore
from loyalty.points.service.posting import (
    Order,
    lock_account,
    post,
    replayed,
    use_lots,
)
from loyalty.points.service.spending import check_enough, reversed_of
from loyalty.points.values import MEMBERS, Account, Kind, Moved, Request

_UNDOABLE: Final = (Kind.EARN, Kind.SPEND, Kind.TAKE_BACK, Kind.ADJUST)


class NotUndoable(Refused):
    """The movement can't be undone, or has been already."""

    code = "not_undoable"


def undo(
    session: Session,
    *,
    customer_id: CustomerID,
    version: int,
    request: Request,
    now: datetime,
) -> Moved:
    """
    Undo the whole of a movement by a new one the other way, which refers to it.

    Points that come back go into the lots they were taken from, which keep their
    expiry. Points that go are taken from the movement's own lot first.

    :raises TransferNotFound: if the member has no such movement
    :raises NotUndoable: if it was undone or given back already, even in part, or is of
        a kind that the ledger makes by itself
    :raises NotEnoughPoints: if its points are spent: only a return may leave a debt
    :raises RequestKeyReused: if the key belongs to another movement
    """
    account = lock_account(session, customer_id=customer_id)
    content = {"kind": Kind.UNDO, "of": version}
    earlier = replayed(
        session, customer_id=customer_id, key=request.key, content=content
    )
    if earlier is not None:
        return earlier
    done = session.get(TransferRow, (customer_id, version))
    if done is None:
        message = f"The member has no movement {version}."
        raise TransferNotFound(message)
    _check(session, done)
    if done.credit in MEMBERS:
        return _take(session, account, done, request, now=now)
    return _return(session, account, done, request, now=now)


def _check(session: Session, done: TransferRow) -> None:
    if done.kind not in _UNDOABLE:
        message = f"A movement of the kind {done.kind} can't be undone: correct it."
        raise NotUndoable(message)
    gone = reversed_of(session, customer_id=done.customer_id, version=done.version)
    if done.kind is Kind.EARN and done.purchase_id is not None:
        gone += taken_back_of_purchase(session, purchase_id=done.purchase_id)
    if gone:
        message = f"Movement {done.version} was undone already, whole or in part."
        raise NotUndoable(message)


def _take(
    session: Session,
    account: AccountRow,
    done: TransferRow,
    request: Request,
    *,
    now: datetime,
) -> Moved:
    """Take away what came: pending as it still is, or else available points."""
    customer_id = done.customer_id
    back = Account.ADJUSTED if done.kind is Kind.ADJUST else Account.REVERSED
    lots = lots_of(session, customer_id=customer_id, pending=True)
    own = [lot for lot in lots if lot.version == done.version]
    debit = Account.PENDING if own else Account.AVAILABLE
    if not own:
        check_enough(session, account, done.amount, now=now)
        own = lots_of(session, customer_id=customer_id)
        own.sort(key=lambda lot: lot.version != done.version)
    order = _order(done, request, debit=debit, credit=back)
    moved = post(session, account=account, order=order, now=now)
    uses, _none = take(own, done.amount)
    use_lots(session, customer_id=customer_id, version=moved.version, uses=uses)
    return moved


def _return(
    session: Session,
    account: AccountRow,
    done: TransferRow,
    request: Request,
    *,
    now: datetime,
) -> Moved:
    """Bring back what went, as pending if the lots it came from still are."""
    customer_id = done.customer_id
    into = lots_used_by(session, customer_id=customer_id, version=done.version)
    still_pending = done.debit is Account.PENDING and all(lot.pending for lot in into)
    credit = Account.PENDING if still_pending else Account.AVAILABLE
    order = _order(done, request, debit=done.credit, credit=credit)
    moved = post(session, account=account, order=order, now=now)
    if still_pending:
        uses, _none = put_back(into, done.amount)
        use_lots(session, customer_id=customer_id, version=moved.version, uses=uses)
    else:
        restore(session, account=account, moved=moved, into=into, now=now)
    return moved


def _order(
    done: TransferRow, request: Request, *, debit: Account, credit: Account
) -> Order:
    return Order(
        kind=Kind.UNDO,
        debit=debit,
        credit=credit,
        points=done.amount,
        request=request,
        content={"kind": Kind.UNDO, "of": done.version},
        reverses=done.version,
        purchase_id=done.purchase_id,
    )
