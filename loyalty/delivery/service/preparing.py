"""The last look before sending, and the new plan of what may not go now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.models import MessageRow
from loyalty.delivery.queries.offers import standings
from loyalty.delivery.queries.own_words import own_words
from loyalty.delivery.queries.recipients import recipients
from loyalty.delivery.rules.hours import week_of
from loyalty.delivery.rules.planning import cap_of, plan
from loyalty.delivery.rules.sending import Due, OfferStanding, check, state_after
from loyalty.delivery.service.claiming import these
from loyalty.delivery.service.notes import Note, Place, note, reserve
from loyalty.delivery.service.planning import week_in
from loyalty.delivery.values import (
    Claimed,
    DeliveryPolicy,
    MessageID,
    MessageKind,
    MessageState,
    NewMessage,
    Reason,
    Recipient,
    Refusal,
    only_channel,
)
from loyalty.stores.queries import postal_address
from loyalty.templates.values import is_own

_PLAN_ANEW = frozenset({Reason.NOT_NOW, Reason.CHANNEL_LOST, Reason.WEEKLY_CAP})


def prepare(
    session: Session,
    *,
    claims: Sequence[Claimed],
    policy: DeliveryPolicy,
    now: datetime,
) -> tuple[Claimed, ...]:
    """
    Look once more at consent, opt-outs, hours, the offer and the cap.

    What may go holds a place under its customer's weekly cap and is returned; the
    rest is planned anew or ended, with the reason. To be called in the transaction
    of the claim, or in any other that still holds it.
    """
    customers = recipients(
        session, customer_ids={claim.customer_id for claim in claims}, now=now
    )
    offers = standings(
        session,
        offer_ids={claim.offer_id for claim in claims if claim.offer_id is not None},
        now=now,
    )
    held_up: dict[MessageID, Reason] = {}
    for claim in claims:
        reason = check(_due(claim, offers), customers[claim.customer_id], policy, now)
        if reason is not None:
            held_up[claim.id] = reason
    free = [claim for claim in claims if claim.id not in held_up]
    weeks = {
        claim.id: week_of(now, ZoneInfo(customers[claim.customer_id].zone))
        for claim in free
        if claim.kind is MessageKind.MARKETING
    }
    held_up |= _reserve(session, free, customers, weeks, policy=policy)
    stopped = [claim for claim in claims if claim.id in held_up]
    _turn_away(session, stopped, held_up, customers, policy=policy, now=now)
    return _worded(
        session,
        [claim for claim in claims if claim.id not in held_up],
        weeks=weeks,
        now=now,
    )


def _worded(
    session: Session,
    claims: Sequence[Claimed],
    *,
    weeks: Mapping[MessageID, date],
    now: datetime,
) -> tuple[Claimed, ...]:
    """Add the week it counts in, the sender, and what a marketer's template needs."""
    wanted = [(c.customer_id, c.template) for c in claims if is_own(c.template)]
    words = own_words(session, wanted=wanted, now=now)
    sender = postal_address(session) if claims else ""
    return tuple(
        replace(
            claim,
            sender=sender,
            words=words.get((claim.customer_id, claim.template)),
            reserved_week=weeks.get(claim.id),
        )
        for claim in claims
    )


def _due(claim: Claimed, offers: Mapping[int, OfferStanding]) -> Due:
    standing = OfferStanding.NONE if claim.offer_id is None else offers[claim.offer_id]
    return Due(
        kind=claim.kind,
        channel=claim.channel,
        not_after=claim.not_after,
        late_at=claim.late_at,
        failed=frozenset(Channel(name) for name in claim.tried or ()),
        offer=standing,
        only=only_channel(claim.parameters),
    )


def _reserve(
    session: Session,
    claims: Sequence[Claimed],
    customers: Mapping[CustomerID, Recipient],
    weeks: Mapping[MessageID, date],
    *,
    policy: DeliveryPolicy,
) -> dict[MessageID, Reason]:
    places = [
        Place(
            message_id=claim.id,
            customer_id=claim.customer_id,
            week=weeks[claim.id],
            cap=cap_of(customers[claim.customer_id], policy),
        )
        for claim in claims
        if claim.id in weeks
    ]
    taken = reserve(session, places)
    by_week: defaultdict[date, list[Claimed]] = defaultdict(list)
    for claim in claims:
        if claim.id in taken:
            by_week[weeks[claim.id]].append(claim)
    for week, held in by_week.items():
        session.execute(
            update(MessageRow)
            .where(*these(held))
            .values(reserved_week=week)
            .execution_options(synchronize_session=False)
        )
    return {
        place.message_id: Reason.WEEKLY_CAP
        for place in places
        if place.message_id not in taken
    }


def _turn_away(
    session: Session,
    claims: Sequence[Claimed],
    reasons: Mapping[MessageID, Reason],
    customers: Mapping[CustomerID, Recipient],
    *,
    policy: DeliveryPolicy,
    now: datetime,
) -> None:
    if not claims:
        return
    rows = session.scalars(
        select(MessageRow)
        .where(*these(claims))
        .execution_options(populate_existing=True)
    )
    notes = []
    for row in rows:
        reason = reasons[row.id]
        if reason in _PLAN_ANEW:
            # Weeks count this message too: in its own week it must not be in its
            # own way, in the present week a full cap has just been found.
            customer = customers[row.customer_id]
            refusal = plan_anew(row, customer, policy, reason=reason, now=now)
            if refusal is not None:
                _end(row, refusal.reason, now=now)
        else:
            _end(row, reason, now=now)
        notes.append(
            Note(
                message_id=row.id,
                customer_id=row.customer_id,
                state=row.state,
                reason=reason,
                details=row.planned_why if row.state is MessageState.PLANNED else {},
            )
        )
    session.flush()
    note(session, notes, now=now)


def plan_anew(
    row: MessageRow,
    customer: Recipient,
    policy: DeliveryPolicy,
    *,
    reason: Reason,
    now: datetime,
) -> Refusal | None:
    """Plan a message as the customer stands now; a refusal changes nothing."""
    weeks = dict(customer.weeks)
    if row.week is not None:
        weeks[row.week] = max(weeks.get(row.week, 0) - 1, 0)
    if reason is Reason.WEEKLY_CAP:
        this_week = week_of(now, ZoneInfo(customer.zone))
        weeks[this_week] = cap_of(customer, policy)
    message = NewMessage(
        customer_id=row.customer_id,
        kind=row.kind,
        template=row.template,
        parameters=row.parameters,
        subject=row.subject,
        occasion=row.occasion,
        not_after=row.not_after,
    )
    failed = frozenset(Channel(name) for name in row.tried or ())
    customer = replace(customer, weeks=weeks, failed=failed)
    outcome = plan(message, customer, policy, now)
    if isinstance(outcome, Refusal):
        return outcome
    row.state = MessageState.PLANNED
    row.channel = outcome.channel
    row.due_at = outcome.due_at
    row.late_at = outcome.due_at + policy.max_lateness[row.kind]
    row.week = week_in(outcome, row.kind)
    row.planned_why = outcome.why
    row.worker = None
    row.lease_until = None
    return None


def _end(row: MessageRow, reason: Reason, *, now: datetime) -> None:
    row.state = state_after(reason)
    row.reason = reason
    row.finished_at = now
    row.lease_until = None
