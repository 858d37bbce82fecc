"""Reading what of a purchase can come back, and what did."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.money import Money
from loyalty.purchases.models import (
    PurchaseLineRow,
    PurchaseRow,
    PurchaseTenderRow,
    ReturnLineRow,
    ReturnRow,
    ReturnTenderRow,
)
from loyalty.purchases.queries.recorded import read_shares
from loyalty.purchases.rules import share_line
from loyalty.purchases.values import (
    LineShares,
    PastReturn,
    PointsShare,
    PurchaseID,
    ReturnID,
    Sale,
    SoldLine,
    TenderShare,
)

_UNKNOWN = ""
"""What took an imported discount off."""


def get_sale(session: Session, *, purchase_id: PurchaseID) -> Sale:
    """Return a purchase, which exists, as it was frozen for returns."""
    row = session.get_one(PurchaseRow, purchase_id)
    lines = session.scalars(
        select(PurchaseLineRow)
        .where(PurchaseLineRow.purchase_id == purchase_id)
        .order_by(PurchaseLineRow.line)
    )
    proof = row.proof or {}
    versions = proof.get("versions")
    return Sale(
        lines={line.line: _sold(line) for line in lines},
        promotions=tuple(versions) if isinstance(versions, dict) else (),
        points=tuple(_points(one) for one in _listed(proof.get("points"))),
        tenders=tenders_of(session, purchase_id=purchase_id),
        net=row.net,
        delivery=row.delivery,
    )


def tenders_of(session: Session, *, purchase_id: PurchaseID) -> tuple[TenderShare, ...]:
    """Return what a purchase was paid with, in the order of refunds."""
    rows = session.scalars(
        select(PurchaseTenderRow)
        .where(PurchaseTenderRow.purchase_id == purchase_id)
        .order_by(PurchaseTenderRow.position)
    )
    return tuple(
        TenderShare(
            tender=row.tender,
            amount=row.amount,
            points=row.points,
            reference=row.reference,
        )
        for row in rows
    )


def list_returns(
    session: Session, *, purchase_id: PurchaseID
) -> tuple[PastReturn, ...]:
    """Return what came back of a purchase, the earliest first."""
    rows = session.scalars(
        select(ReturnRow)
        .where(ReturnRow.purchase_id == purchase_id)
        .order_by(ReturnRow.id)
    ).all()
    ids = [row.id for row in rows]
    lines: defaultdict[ReturnID, list[ReturnLineRow]] = defaultdict(list)
    tenders: defaultdict[ReturnID, list[ReturnTenderRow]] = defaultdict(list)
    for line in session.scalars(
        select(ReturnLineRow)
        .where(ReturnLineRow.return_id.in_(ids))
        .order_by(ReturnLineRow.line)
    ):
        lines[line.return_id].append(line)
    for tender in session.scalars(
        select(ReturnTenderRow)
        .where(ReturnTenderRow.return_id.in_(ids))
        .order_by(ReturnTenderRow.position)
    ):
        tenders[tender.return_id].append(tender)
    return tuple(_past(row, lines[row.id], tenders[row.id]) for row in rows)


def find_return(
    session: Session, *, recorded_by: str, request_key: str
) -> tuple[bytes, str] | None:
    """Return the hash and the reply of the return that this request recorded."""
    row = session.scalar(
        select(ReturnRow).where(
            ReturnRow.recorded_by == recorded_by, ReturnRow.request_key == request_key
        )
    )
    return None if row is None else (row.request_hash, row.reply)


def returned_so_far(returns: tuple[PastReturn, ...]) -> Mapping[str, Decimal]:
    """Return how much of each line came back."""
    total: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in returns:
        for line, quantity, _refund in one.lines:
            total[line] += quantity
    return total


def _past(
    row: ReturnRow, lines: list[ReturnLineRow], tenders: list[ReturnTenderRow]
) -> PastReturn:
    def money(amount: int) -> Money:
        return Money(amount=amount, currency=row.currency)

    return PastReturn(
        id=row.id,
        kind=row.kind,
        at=row.at,
        refund=money(row.refund),
        delivery=money(row.delivery),
        points_taken=row.points_taken,
        lines=tuple((line.line, line.quantity, money(line.net)) for line in lines),
        tenders=tuple(
            TenderShare(tender=one.tender, amount=one.amount, points=one.points)
            for one in tenders
        ),
    )


def _sold(row: PurchaseLineRow) -> SoldLine:
    return SoldLine(
        line=row.line,
        sku=row.sku,
        quantity=row.quantity,
        shares=read_shares(row.shares) or _imported(row),
    )


def _imported(row: PurchaseLineRow) -> LineShares:
    return share_line(
        gross=row.gross,
        units=None if row.quantity % 1 else int(row.quantity),
        applications={_UNKNOWN: row.discount} if row.discount else {},
    )


def _points(given: object) -> PointsShare:
    if not isinstance(given, dict):
        message = "points that a purchase kept are no object"
        raise TypeError(message)
    per, lines = given["per"], given["lines"]
    return PointsShare(
        promotion=given["promotion"],
        points=given["points"],
        points_per=None if per is None else (per[0], per[1]),
        lines=None if lines is None else tuple(lines),
    )


def _listed(given: object) -> list[object]:
    return given if isinstance(given, list) else []
