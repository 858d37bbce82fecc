"""Keeping quotes, reserving what they promise, and clearing both away."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from loyalty.customers.models import CustomerRow
from loyalty.customers.queries import member_vault
from loyalty.customers.values import CustomerID
from loyalty.promotions.models import HoldRow, QuoteRow
from loyalty.promotions.queries.codes import stand_ins
from loyalty.promotions.schema import dump_quote
from loyalty.promotions.schema.writing import facts_for, rename_codes, write_pricing
from loyalty.promotions.service.claiming import Redemption, claim
from loyalty.promotions.values.kept import ENGINE, NewQuote, Pricing, QuoteID
from loyalty.purchases.values import PurchaseID

KEPT_FOR: Final = timedelta(days=30)
"""How long a quote is kept that nobody paid."""

_BYTES = 18
_BATCH = 5_000


def keep_quote(session: Session, *, quote: NewQuote, now: datetime) -> QuoteID:
    """Keep a quote with what it was computed from; return its unguessable name."""
    pricing = quote.pricing
    facts = facts_for(pricing.facts, pricing.documents)
    sealed = None
    if facts.customer is not None and facts.customer.birthday is not None:
        sealed = _sealed_birthday(session, quote.customer_id, facts.customer.birthday)
        facts = replace(facts, customer=replace(facts.customer, birthday=None))
    # A code is a secret, of which nothing here keeps more than a digest.
    inputs, result = rename_codes(
        write_pricing(pricing.basket, facts, pricing.programme),
        dump_quote(quote.quote),
        stand_ins(session, pricing.basket.codes),
    )
    quote_id = QuoteID(f"q{secrets.token_urlsafe(_BYTES)}")
    session.execute(
        insert(QuoteRow).values(
            id=quote_id,
            at=now,
            store_id=quote.store_id,
            customer_id=quote.customer_id,
            asked_by=quote.asked_by,
            engine=ENGINE,
            inputs=inputs,
            versions=_versions(pricing),
            result=result,
            birthday=sealed,
            points_to_spend=quote.points_to_spend,
            reserved_until=quote.reserved_until,
            purchase_id=quote.purchase_id,
        )
    )
    return quote_id


def hold_limits(
    session: Session,
    *,
    quote_id: QuoteID,
    redemptions: Sequence[Redemption],
    until: datetime,
    now: datetime,
) -> None:
    """
    Hold what a quote promises of the limits, until a moment.

    The caller holds the customer's account, as for a purchase.

    :raises UsedUp: if the limits do not cover it whole any more
    """
    held = [one for one in redemptions if one.needs_holding]
    if not held:
        return
    limited = [one for one in held if one.is_limited]
    if limited:
        claim(session, redemptions=limited, quote_id=quote_id, counts=False, now=now)
    session.execute(
        insert(HoldRow),
        [
            {
                "quote_id": quote_id,
                "promotion_id": one.promotion.id,
                "customer_id": one.customer_id,
                "at": now,
                "amount": one.amount,
                "until": until,
            }
            for one in held
        ],
    )


def mark_paid(session: Session, *, quote_id: QuoteID, purchase_id: PurchaseID) -> None:
    """Note by which purchase a reserved quote was paid, and let go of its holds."""
    session.execute(delete(HoldRow).where(HoldRow.quote_id == quote_id))
    session.execute(
        update(QuoteRow)
        .where(QuoteRow.id == quote_id)
        .values(purchase_id=purchase_id)
        .execution_options(synchronize_session=False)
    )


def lock_quote(session: Session, *, quote_id: QuoteID) -> None:
    """Keep others from paying by the same quote until the end; unknown is nothing."""
    session.execute(
        select(QuoteRow.id).where(QuoteRow.id == quote_id).with_for_update()
    )


def give_up_reservation(session: Session, *, quote_id: QuoteID, now: datetime) -> bool:
    """Let go of what a quote holds; return whether it held anything."""
    session.execute(delete(HoldRow).where(HoldRow.quote_id == quote_id))
    given_up = session.scalar(
        update(QuoteRow)
        .where(
            QuoteRow.id == quote_id,
            QuoteRow.purchase_id.is_(None),
            QuoteRow.reserved_until > now,
        )
        .values(reserved_until=now)
        .returning(QuoteRow.id)
        .execution_options(synchronize_session=False)
    )
    return given_up is not None


def clear_quotes(session: Session, *, now: datetime) -> int:
    """
    Remove holds that ran out, and old quotes that nobody paid.

    Holds that ran out count for nothing before that already.

    :returns: how many quotes were removed
    """
    session.execute(delete(HoldRow).where(HoldRow.until <= now))
    old = (
        select(QuoteRow.id)
        .where(
            QuoteRow.purchase_id.is_(None),
            QuoteRow.at < now - KEPT_FOR,
            ~exists().where(HoldRow.quote_id == QuoteRow.id),
        )
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    removed = session.scalars(
        delete(QuoteRow).where(QuoteRow.id.in_(old)).returning(QuoteRow.id)
    )
    return len(removed.all())


def _versions(pricing: Pricing) -> list[list[int]]:
    return [[stored.id, stored.version] for stored in pricing.promotions]


def _sealed_birthday(
    session: Session, customer_id: CustomerID | None, birthday: date
) -> bytes | None:
    """Seal it with the customer's key, with which it is erased."""
    vault = member_vault(session, session.get_one(CustomerRow, customer_id))
    if vault is None:
        return None
    return vault.seal("quote.birthday", birthday.isoformat())
