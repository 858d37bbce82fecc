"""From claimed to sent: what came of each hand-over.

Every change asks for the claim's fence, so that a worker whose lease was taken over
changes nothing, and says when the messages were due, so that only their months are
looked into. A group costs one statement, which also notes what happened: it is run for
every twenty messages.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CursorResult, Insert, Update, update
from sqlalchemy.orm import Session

from loyalty.core.vault import vault_of
from loyalty.customers.models import ContactRow
from loyalty.customers.values import CHANNEL_CONTACT
from loyalty.delivery.service import marking
from loyalty.delivery.service.claiming import LEASE
from loyalty.delivery.service.notes import refund
from loyalty.delivery.values import Claimed, MessageID, MessageState, NotSent, Receipt

_LONGEST_ANSWER: Final = 300


def mark_sending(
    session: Session,
    *,
    claims: Sequence[Claimed],
    now: datetime,
    machine_now: datetime,
) -> tuple[Claimed, ...]:
    """
    Write down that these are about to be handed over; return those that may be.

    Left out are claims that were taken over and messages paused in the meantime. The
    caller commits before it calls the provider.
    """
    lease = machine_now + LEASE
    allowed = _change(session, marking.sending(), claims, now=now, lease_until=lease)
    return tuple(claim for claim in claims if claim.id in allowed)


def mark_sent(
    session: Session,
    *,
    handed: Sequence[tuple[Claimed, Receipt]],
    provider: str,
    now: datetime,
) -> None:
    """Note that the provider has accepted these, and what it said."""
    claims = [claim for claim, _ in handed]
    receipts = [receipt for _, receipt in handed]
    told: dict[str, object] = {
        "provider": provider,
        "ref": [receipt.provider_ref for receipt in receipts],
        "parts": [receipt.parts for receipt in receipts],
        "cost": [receipt.cost for receipt in receipts],
        "final": [receipt.final for receipt in receipts],
    }
    sent = _change(
        session, marking.sent(), claims, now=now, details={"provider": provider}, **told
    )
    if len(sent) < len(claims):
        # Its receipt was faster than we were: the state stands, the rest is ours.
        _run(session, marking.told_late(), claims, told)


def mark_not_sent(
    session: Session, *, results: Sequence[NotSent], now: datetime
) -> None:
    """Note what becomes of messages that were not accepted, or may have been."""
    changed = _change(
        session,
        marking.not_sent(),
        [result.claim for result in results],
        now=now,
        state=[result.state.value for result in results],
        reason=[result.reason and result.reason.value for result in results],
        answer=[result.answer[:_LONGEST_ANSWER] for result in results],
        due=[result.due_at for result in results],
        ask=[result.ask_at for result in results],
    )
    ended = [result for result in results if result.claim.id in changed]
    _refund(
        session,
        [one.claim for one in ended if one.state is not MessageState.UNKNOWN],
    )
    for result in ended:
        _close_address(session, result, now=now)


def release(session: Session, *, claims: Sequence[Claimed], now: datetime) -> None:
    """Put back what was claimed and never handed over; it stays due."""
    released = _change(session, marking.released(), claims, now=now)
    _refund(session, [claim for claim in claims if claim.id in released])


def _change(
    session: Session,
    statement: Insert,
    claims: Sequence[Claimed],
    **values: object,
) -> frozenset[MessageID]:
    """Change the rows that are still these claims, note it, and return which."""
    if not claims:
        return frozenset()
    return frozenset(_run(session, statement, claims, values).scalars())


def _run(
    session: Session,
    statement: Insert | Update,
    claims: Sequence[Claimed],
    values: Mapping[str, object],
) -> CursorResult[Any]:
    moments = [claim.due_at for claim in claims]
    values = {
        "id": [claim.id for claim in claims],
        "fence": [claim.fence for claim in claims],
        "first": min(moments),
        "last": max(moments),
        **values,
    }
    given = {f"g_{name}": value for name, value in values.items()}
    return session.connection().execute(statement, given)


def _refund(session: Session, claims: Sequence[Claimed]) -> None:
    """Return the places under the weekly cap that the messages held."""
    refund(
        session,
        [
            (claim.customer_id, claim.reserved_week)
            for claim in claims
            if claim.reserved_week is not None
        ],
    )


def _close_address(session: Session, result: NotSent, *, now: datetime) -> None:
    kind = CHANNEL_CONTACT[result.claim.channel]
    if result.bad_address is None or kind is None:
        return
    lookup = vault_of(session).blind_index(kind, result.bad_address)
    session.execute(
        update(ContactRow)
        .where(ContactRow.lookup == lookup, ContactRow.suppressed_at.is_(None))
        .values(suppressed_at=now, suppressed_why="refused by the provider")
        .execution_options(synchronize_session=False)
    )
