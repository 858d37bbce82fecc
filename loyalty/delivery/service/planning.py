"""Planning messages: every wish to send becomes a row, refused ones too."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.delivery.models import MessageKeyRow, MessageRow
from loyalty.delivery.queries.recipients import recipients
from loyalty.delivery.render import TEMPLATES
from loyalty.delivery.rules.planning import plan
from loyalty.delivery.rules.sending import state_after
from loyalty.delivery.service.adding import Key, add_messages, take_keys
from loyalty.delivery.service.notes import new_handover_key
from loyalty.delivery.values import (
    DeliveryPolicy,
    MessageID,
    MessageKind,
    MessageState,
    NewMessage,
    Plan,
    Planned,
    Recipient,
    Refusal,
)
from loyalty.templates.queries import versions_by_name
from loyalty.templates.values import VersionState

_AT_ONCE = 500


class RecipientNotFound(NotFound):
    """A message to a customer who does not exist."""

    code = "recipient_not_found"


def plan_message(
    session: Session, *, message: NewMessage, policy: DeliveryPolicy, now: datetime
) -> Planned:
    """
    Plan one message; the same subject and occasion is planned once per customer.

    :raises RecipientNotFound: if there is no such customer
    """
    return plan_messages(session, messages=[message], policy=policy, now=now)[0]


def plan_messages(
    session: Session,
    *,
    messages: Sequence[NewMessage],
    policy: DeliveryPolicy,
    now: datetime,
) -> tuple[Planned, ...]:
    """
    Plan many messages; the results stand in the order of the messages.

    A message that may not be sent gets a row as well, in its final state and with
    the reason, so that support can say why nothing came.

    :raises RecipientNotFound: if a customer does not exist; nothing is planned then
    :raises ValueError: if a template is unknown
    """
    _check_templates(session, {message.template for message in messages})
    planned: dict[Key, Planned] = {}
    for first in range(0, len(messages), _AT_ONCE):
        chunk = messages[first : first + _AT_ONCE]
        planned |= _plan_chunk(session, chunk, policy=policy, now=now)
    created: set[Key] = set()
    results = []
    for message in messages:
        key = _key(message)
        result = planned[key]
        results.append(replace(result, created=False) if key in created else result)
        created.add(key)
    return tuple(results)


def _check_templates(session: Session, names: set[str]) -> None:
    unknown = names - TEMPLATES.keys()
    own = versions_by_name(session, names=unknown)
    # A draft may still change.
    unknown -= {n for n, one in own.items() if one.state is not VersionState.DRAFT}
    if unknown:
        text = f"there is no template {min(unknown)!r}"
        raise ValueError(text)


def _plan_chunk(
    session: Session,
    messages: Sequence[NewMessage],
    *,
    policy: DeliveryPolicy,
    now: datetime,
) -> dict[Key, Planned]:
    wanted = {_key(message): message for message in reversed(messages)}
    customers = recipients(session, customer_ids={key[0] for key in wanted}, now=now)
    for customer_id, _, _ in wanted:
        if customer_id not in customers:
            text = f"There is no customer {customer_id}."
            raise RecipientNotFound(text)
    new = take_keys(session, sorted(wanted))
    rows = {}
    weeks = {id_: dict(customer.weeks) for id_, customer in customers.items()}
    for key in sorted(new):
        customer = replace(customers[key[0]], weeks=weeks[key[0]])
        outcome = plan(wanted[key], customer, policy, now)
        row = _values(wanted[key], customer, outcome, policy=policy, now=now)
        week = row["week"]
        if isinstance(week, date):
            weeks[key[0]][week] = weeks[key[0]].get(week, 0) + 1
        rows[key] = row
    planned = _read(session, [key for key in wanted if key not in new])
    if rows:
        ids = add_messages(session, list(rows.values()), now=now)
        planned |= {key: _told(rows[key], id_) for key, id_ in ids.items()}
    return planned


def _key(message: NewMessage) -> Key:
    return message.customer_id, message.subject, message.occasion


def _values(
    message: NewMessage,
    customer: Recipient,
    outcome: Plan | Refusal,
    *,
    policy: DeliveryPolicy,
    now: datetime,
) -> dict[str, Any]:
    go = outcome if isinstance(outcome, Plan) else None
    lateness = message.max_lateness or policy.max_lateness[message.kind]
    refused = outcome if isinstance(outcome, Refusal) else None
    return {
        "customer_id": message.customer_id,
        "kind": message.kind,
        "channel": go and go.channel,
        "template": message.template,
        "parameters": message.parameters,
        "language": customer.language,
        "subject": message.subject,
        "occasion": message.occasion,
        "offer_id": message.offer_id,
        "campaign_id": message.campaign_id,
        "variant": message.variant,
        "state": state_after(refused.reason) if refused else MessageState.PLANNED,
        "due_at": go.due_at if go else max(now, message.not_before or now),
        "not_after": message.not_after,
        "late_at": go and go.due_at + lateness,
        "week": week_in(go, message.kind),
        "handover_key": new_handover_key(now),
        "planned_why": outcome.why,
        "planned_at": now,
        "finished_at": now if refused else None,
        "reason": refused.reason if refused else None,
    }


def week_in(outcome: Plan | None, kind: MessageKind) -> date | None:
    """Return the week in which the plan counts towards the customer's cap."""
    if outcome is None or kind is not MessageKind.MARKETING:
        return None
    return date.fromisoformat(str(outcome.why["week"]))


def _told(row: Mapping[str, Any], id_: MessageID) -> Planned:
    """Return what became of a message that has just been added."""
    return Planned(
        id=id_,
        state=row["state"],
        channel=row["channel"],
        due_at=row["due_at"],
        reason=row["reason"],
        created=True,
    )


def _read(session: Session, keys: Sequence[Key]) -> dict[Key, Planned]:
    """Return what had been planned before."""
    if not keys:
        return {}
    rows = session.scalars(
        select(MessageRow)
        .join(MessageKeyRow, MessageKeyRow.message_id == MessageRow.id)
        .where(
            tuple_(
                MessageKeyRow.customer_id, MessageKeyRow.subject, MessageKeyRow.occasion
            ).in_(keys)
        )
    )
    found = {}
    for row in rows:
        key = (row.customer_id, row.subject, row.occasion)
        found[key] = Planned(
            id=row.id,
            state=row.state,
            channel=row.channel,
            due_at=row.due_at,
            reason=row.reason,
            created=False,
        )
    return found
