"""The next channel, after one has failed for good."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.delivery.models import MessageRow
from loyalty.delivery.queries.offers import standings
from loyalty.delivery.queries.recipients import recipients
from loyalty.delivery.rules.sending import OfferStanding
from loyalty.delivery.service.notes import Note, new_handover_key, note, refund
from loyalty.delivery.service.preparing import plan_anew
from loyalty.delivery.values import DeliveryPolicy, Reason, Recipient

AT_ONCE: Final = 200
_OPEN = (OfferStanding.NONE, OfferStanding.OPEN)


def fall_back(session: Session, *, policy: DeliveryPolicy, now: datetime) -> int:
    """
    Plan messages that failed for good on the customer's next channel.

    It is the same message, with the same key, so nothing is told twice. Only a proven
    failure leads here (a bounce, a refusal); what is in doubt never does. A message
    without another channel, or without a point by now, stays as it ended.

    :returns: how many were looked at; call again until there are none
    """
    rows = session.scalars(
        select(MessageRow)
        .where(MessageRow.fall_back_at.is_not(None))
        .order_by(MessageRow.fall_back_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    if not rows:
        return 0
    customers = recipients(
        session, customer_ids={row.customer_id for row in rows}, now=now
    )
    offers = standings(
        session,
        offer_ids={row.offer_id for row in rows if row.offer_id is not None},
        now=now,
    )
    notes, held = [], []
    for row in rows:
        row.fall_back_at = None
        offer = OfferStanding.NONE if row.offer_id is None else offers[row.offer_id]
        place = row.reserved_week
        if offer in _OPEN and _next(row, customers[row.customer_id], policy, now=now):
            if place is not None:
                held.append((row.customer_id, place))
            notes.append(
                Note(
                    message_id=row.id,
                    customer_id=row.customer_id,
                    state=row.state,
                    reason=Reason.FELL_BACK,
                    details=row.planned_why,
                )
            )
    session.flush()
    refund(session, held)
    note(session, notes, now=now)
    return len(rows)


def _next(
    row: MessageRow, customer: Recipient, policy: DeliveryPolicy, *, now: datetime
) -> bool:
    """Plan the message anew, past the channels tried; False if there is no way."""
    tried = row.tried
    if row.channel is not None:
        row.tried = [*(tried or ()), row.channel.value]
    refused = customer.erased or plan_anew(
        row, customer, policy, reason=Reason.FELL_BACK, now=now
    )
    if refused:
        row.tried = tried
        return False
    # Of the new hand-over nothing is known yet; late receipts of the old one must not
    # be taken for its own. The fence keeps out whoever sent it before.
    row.handover_key = new_handover_key(now)
    row.fence += 1
    row.attempts = 0
    row.reason = row.failure = row.finished_at = row.reserved_week = None
    row.provider = row.provider_ref = row.parts = None
    return True
