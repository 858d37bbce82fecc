"""What the programme does by itself, night by night; each may run twice."""

import logging

from jobs.context import worker
from loyalty.core.clock import utc_now
from loyalty.customers.values import CustomerID
from loyalty.giftcards.queries import list_ended
from loyalty.giftcards.service import expire_ended
from loyalty.sharing.queries import pooled_members
from loyalty.sharing.service import gather, settle
from loyalty.tiers.queries import buyers_after
from loyalty.tiers.service import review_members
from loyalty.usecases import merge_customers

_PAGE = 500
"""How many members one transaction reviews."""

_log = logging.getLogger(__name__)


def expire_gift_cards() -> None:
    """Take what is left on gift cards whose end has come, each in its transaction."""
    database, now, taken = worker.get().database, utc_now(), 0
    while True:
        with database.transaction() as session:
            due = list_ended(session, now=now)
        for account_id in due:
            with database.transaction() as session:
                taken += expire_ended(
                    session, account_id=account_id, actor="system", now=now
                )
        if not due:
            break
    _log.info("%s gift cards ended", taken)


def review_tiers() -> None:
    """Settle every member's tier: up at once, down when the grace period is over."""
    database, now = worker.get().database, utc_now()
    last, changed = CustomerID(0), 0
    while True:
        with database.transaction() as session:
            page = buyers_after(session, customer_id=last, limit=_PAGE)
            changed += len(review_members(session, customer_ids=page, now=now))
        if not page:
            break
        last = page[-1]
    _log.info("%s tiers changed", changed)


def follow_merges() -> None:
    """Let points that became available on a merged record follow it."""
    with worker.get().database.transaction() as session:
        moved = merge_customers.follow_merges(session, actor="system", now=utc_now())
    _log.info("%s points followed merged records", moved)


def settle_referrals() -> None:
    """Give and take back the points for friends brought, each in its transaction."""
    database, settled = worker.get().database, 0
    while True:
        with database.transaction() as session:
            if settle(session, now=utc_now()) is None:
                break
        settled += 1
    _log.info("%s referrals settled", settled)


def follow_households() -> None:
    """Let what members of households have by now go to the balance they share."""
    database, moved = worker.get().database, 0
    with database.transaction() as session:
        members = pooled_members(session)
    for customer_id in members:
        with database.transaction() as session:
            moved += gather(
                session, customer_id=customer_id, actor="system", now=utc_now()
            )
    _log.info("%s points followed their households", moved)
