"""Carrying over what members earned elsewhere, by PostgreSQL's COPY."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.points.values import Account, Earning

_ACCOUNT = "COPY points_account (customer_id, available, version) FROM STDIN"
_TRANSFER = (
    "COPY points_transfer (customer_id, version, at, debit, credit, amount,"
    " balance_after, request_key, purchase_id, store_id, rule_version, actor)"
    " FROM STDIN"
)
_LOT = (
    "COPY points_lot (customer_id, transfer_version, points, earned_at, expires_at)"
    " FROM STDIN"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PastEarning:
    """Points of a member who has no account here yet, with when they were earned."""

    customer_id: CustomerID
    at: datetime
    earning: Earning


def import_earnings(session: Session, *, earnings: Sequence[PastEarning]) -> int:
    """
    Open the accounts of these members with all that they earned.

    Each earning becomes a transfer and a lot of its own, in the order of time, as if
    it had been earned here.

    :returns: how many accounts were opened
    :raises sqlalchemy.exc.IntegrityError: if a member has an account already
    """
    by_member: dict[CustomerID, list[PastEarning]] = {}
    for earning in earnings:
        if earning.earning.points > 0:
            by_member.setdefault(earning.customer_id, []).append(earning)
    for mine in by_member.values():
        mine.sort(key=lambda earning: earning.at)
    _copy(session, _ACCOUNT, _accounts(by_member))
    _copy(session, _TRANSFER, _transfers(by_member))
    _copy(session, _LOT, _lots(by_member))
    return len(by_member)


def _accounts(
    by_member: dict[CustomerID, list[PastEarning]],
) -> Iterable[tuple[object, ...]]:
    for customer_id, earnings in by_member.items():
        yield customer_id, sum(e.earning.points for e in earnings), len(earnings)


def _transfers(
    by_member: dict[CustomerID, list[PastEarning]],
) -> Iterable[tuple[object, ...]]:
    for customer_id, earnings in by_member.items():
        balance = 0
        for version, past in enumerate(earnings, start=1):
            balance += past.earning.points
            yield (
                customer_id,
                version,
                past.at,
                Account.ISSUED.value,
                Account.AVAILABLE.value,
                past.earning.points,
                balance,
                past.earning.request_key,
                past.earning.purchase_id,
                past.earning.store_id,
                past.earning.rule_version,
                past.earning.actor,
            )


def _lots(
    by_member: dict[CustomerID, list[PastEarning]],
) -> Iterable[tuple[object, ...]]:
    for customer_id, earnings in by_member.items():
        for version, past in enumerate(earnings, start=1):
            points, ends = past.earning.points, past.earning.expires_at
            yield customer_id, version, points, past.at, ends


def _copy(session: Session, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
    cursor = session.connection().connection.cursor()
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
