"""
Writing one movement down: the account's row is locked first, then rows are added.

Lots are chosen in a statement of its own after the lock was won: one statement that
does both would read the lots as they were before it waited.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.customers.values import CustomerID
from loyalty.points.models import AccountRow, LotRow, LotUseRow, TransferRow
from loyalty.points.values import Account, Kind, LotUse, Moved, Request
from loyalty.webhooks import service as webhooks
from loyalty.webhooks.values import EventType


class RequestKeyReused(Refused):
    """The request key stands for another movement of this member."""

    code = "request_key_reused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One movement to write down, with what it stands for."""

    kind: Kind
    debit: Account
    credit: Account
    points: int
    request: Request
    content: Mapping[str, object]
    """All of the request that makes it this one and no other."""

    reverses: int | None = None
    purchase_id: int | None = None
    rule_version: int | None = None
    expires_at: datetime | None = None
    reason: str | None = None
    answered: int | None = None
    """The points to name in the answer, when this transfer is not all of it."""


def lock_account(session: Session, *, customer_id: CustomerID) -> AccountRow:
    """Open the member's account if need be, and keep others out until the end."""
    session.execute(
        insert(AccountRow)
        .values(customer_id=customer_id, available=0, pending=0, version=0)
        .on_conflict_do_nothing()
    )
    # populate_existing: a row read before the lock was won may be stale.
    return session.scalars(
        select(AccountRow)
        .where(AccountRow.customer_id == customer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def replayed(
    session: Session,
    *,
    customer_id: CustomerID,
    key: str,
    content: Mapping[str, object],
) -> Moved | None:
    """
    Return what was answered to this very request before, or None if it is new.

    :raises RequestKeyReused: if the key stands for a request with other content
    """
    row = session.execute(
        select(TransferRow.request_hash, TransferRow.reply).where(
            TransferRow.customer_id == customer_id, TransferRow.request_key == key
        )
    ).first()
    if row is None:
        return None
    # Rows from before requests were hashed have none; the key alone tells those.
    if row.request_hash and row.request_hash != digest(content):
        message = f"The request key {key} was used for another movement."
        raise RequestKeyReused(message)
    return Moved(**json.loads(row.reply), replayed=True)


def digest(content: Mapping[str, object]) -> bytes:
    """Return the hash by which a request is known again."""
    text = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


def reply_of(moved: Moved) -> str:
    """Write an answer as it is kept for a replay."""
    values = asdict(moved)
    del values["replayed"]
    return json.dumps(values)


def unmoved(account: AccountRow) -> Moved:
    """Return the answer when there was nothing to move."""
    return Moved(
        version=account.version,
        points=0,
        available=account.available,
        pending=account.pending,
    )


def post(
    session: Session, *, account: AccountRow, order: Order, now: datetime
) -> Moved:
    """Add the transfer of a locked account and bring its balances up to it."""
    account.version += 1
    if order.debit is Account.AVAILABLE:
        account.available -= order.points
    elif order.debit is Account.PENDING:
        account.pending -= order.points
    if order.credit is Account.AVAILABLE:
        account.available += order.points
    elif order.credit is Account.PENDING:
        account.pending += order.points
    moved = Moved(
        version=account.version,
        points=order.answered or order.points,
        available=account.available,
        pending=account.pending,
    )
    session.add(_row(account, order, moved, now))
    session.flush()
    _tell(session, account, order, now)
    return moved


def _tell(session: Session, account: AccountRow, order: Order, now: datetime) -> None:
    bought = order.purchase_id
    webhooks.record(
        session,
        EventType.POINTS_CHANGED,
        {
            "customer": account.customer_id,
            "entry": account.version,
            "kind": order.kind.value,
            "points": order.points,
            "available": account.available,
            "pending": account.pending,
            "purchase": None if bought is None else str(bought),
        },
        now=now,
    )


def _row(account: AccountRow, order: Order, moved: Moved, now: datetime) -> TransferRow:
    return TransferRow(
        customer_id=account.customer_id,
        version=moved.version,
        at=now,
        kind=order.kind,
        debit=order.debit,
        credit=order.credit,
        amount=order.points,
        balance_after=moved.available,
        pending_after=moved.pending,
        request_key=order.request.key,
        request_hash=digest(order.content),
        reply=reply_of(moved),
        reverses=order.reverses,
        purchase_id=order.purchase_id,
        store_id=order.request.store_id,
        rule_version=order.rule_version,
        expires_at=order.expires_at,
        link=order.request.link,
        reason=order.reason,
        actor=order.request.actor,
    )


def use_lots(
    session: Session,
    *,
    customer_id: CustomerID,
    version: int,
    uses: Iterable[LotUse],
) -> None:
    """Write down what a transfer takes from lots and gives back to them."""
    totals: Counter[tuple[int, int]] = Counter()
    for use in uses:
        totals[use.version, use.place] += use.points
    for (lot_version, place), points in sorted(totals.items()):
        if not points:
            continue
        session.get_one(LotRow, (customer_id, lot_version, place)).remaining -= points
        session.add(
            LotUseRow(
                customer_id=customer_id,
                version=version,
                lot_version=lot_version,
                lot_place=place,
                points=points,
            )
        )
    session.flush()
