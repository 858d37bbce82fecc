"""Carrying over what members earned elsewhere, by PostgreSQL's COPY."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy.orm import Session

from loyalty.customers.values import CustomerID
from loyalty.points.rules.lifetimes import expires_at
from loyalty.points.service.earning import earned_content
from loyalty.points.service.posting import digest, reply_of
from loyalty.points.values import Account, Earning, Kind, Moved
from loyalty.stores.values import PointsRule

_ACCOUNT = "COPY points_account (customer_id, available, pending, version) FROM STDIN"
_TRANSFER = (
    "COPY points_transfer (customer_id, version, at, kind, debit, credit, amount,"
    " balance_after, pending_after, request_key, request_hash, reply, purchase_id,"
    " store_id, rule_version, expires_at, link, actor) FROM STDIN"
)
_LOT = (
    "COPY points_lot (customer_id, transfer_version, place, points, remaining,"
    " earned_at, expires_at, purchase_id) FROM STDIN"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PastEarning:
    """Points of a member who has no account here yet, with when they were earned."""

    customer_id: CustomerID
    at: datetime
    earning: Earning
    rule: PointsRule
    """By which they were earned, and last."""


def import_earnings(
    session: Session, *, earnings: Sequence[PastEarning], zone: tzinfo
) -> int:
    """
    Open the accounts of these members with all that they earned.

    Each earning becomes a transfer and a lot of its own, in the order of time, as if
    it had been earned here; all of it is available.

    :param zone: by whose calendar the points expire
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
    _copy(session, _TRANSFER, _transfers(by_member, zone))
    _copy(session, _LOT, _lots(by_member, zone))
    return len(by_member)


def _accounts(
    by_member: dict[CustomerID, list[PastEarning]],
) -> Iterable[tuple[object, ...]]:
    for customer_id, earnings in by_member.items():
        yield customer_id, sum(e.earning.points for e in earnings), 0, len(earnings)


def _transfers(
    by_member: dict[CustomerID, list[PastEarning]], zone: tzinfo
) -> Iterable[tuple[object, ...]]:
    for customer_id, earnings in by_member.items():
        balance = 0
        for version, past in enumerate(earnings, start=1):
            earning, request = past.earning, past.earning.request
            balance += earning.points
            moved = Moved(
                version=version, points=earning.points, available=balance, pending=0
            )
            yield (
                customer_id,
                version,
                past.at,
                Kind.EARN.value,
                Account.ISSUED.value,
                Account.AVAILABLE.value,
                earning.points,
                balance,
                0,
                request.key,
                digest(earned_content(earning)),
                reply_of(moved),
                earning.purchase_id,
                request.store_id,
                past.rule.version,
                _expiry(past, zone),
                request.link,
                request.actor,
            )


def _lots(
    by_member: dict[CustomerID, list[PastEarning]], zone: tzinfo
) -> Iterable[tuple[object, ...]]:
    for customer_id, earnings in by_member.items():
        for version, past in enumerate(earnings, start=1):
            points, bought = past.earning.points, past.earning.purchase_id
            ends = _expiry(past, zone)
            yield customer_id, version, 0, points, points, past.at, ends, bought


def _expiry(past: PastEarning, zone: tzinfo) -> datetime:
    return expires_at(past.rule, earned_at=past.at, zone=zone)


def _copy(session: Session, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
    cursor = session.connection().connection.cursor()
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
