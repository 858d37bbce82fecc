"""Making cards and accounts; nothing is on them before it is paid."""

from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.codes import new_code
from loyalty.core.errors import Invalid, Problem
from loyalty.core.money import Money, decimal_text
from loyalty.core.vault import vault_of
from loyalty.customers.values import CustomerID
from loyalty.giftcards.models import GiftAccountRow, GiftPolicyRow
from loyalty.giftcards.queries.accounts import CODE_KIND, get_policy, to_account
from loyalty.giftcards.values import (
    GiftAccountID,
    GiftKind,
    GiftPolicy,
    GiftState,
    NewCard,
)

_RANDOM_CHARACTERS: Final = 15
"""74 random bits, and with the check character four groups of four."""

_SHOWN: Final = 4


def issue_card(
    session: Session,
    *,
    face: Money,
    actor: str,
    now: datetime,
    pointer: str = "/amount",
) -> NewCard:
    """
    Make a card that waits to be paid; its code is seen here and never again.

    A card whose code was lost on the way is worth nothing: make another.

    :raises Invalid: if the shop sells no card of that amount
    """
    check_sale(face, policy=get_policy(session), pointer=pointer)
    code = new_code(_RANDOM_CHARACTERS)
    row = GiftAccountRow(
        kind=GiftKind.CARD,
        customer_id=None,
        lookup=vault_of(session).blind_index(CODE_KIND, code),
        ending=code[-_SHOWN:],
        state=GiftState.WAITING,
        currency=face.currency,
        face=face.amount,
        balance=0,
        version=0,
        issued_at=now,
        issued_by=actor,
        expires_at=None,
    )
    session.add(row)
    session.flush()
    return NewCard(account=to_account(row), code=code)


def open_stored_value(
    session: Session,
    *,
    customer_id: CustomerID,
    currency: str,
    actor: str,
    now: datetime,
) -> GiftAccountID:
    """Return the member's account in this currency, opened if need be."""
    session.execute(
        insert(GiftAccountRow)
        .values(
            kind=GiftKind.STORED_VALUE,
            customer_id=customer_id,
            lookup=None,
            ending="",
            state=GiftState.ACTIVE,
            currency=currency,
            face=0,
            balance=0,
            version=0,
            issued_at=now,
            issued_by=actor,
            expires_at=None,
        )
        .on_conflict_do_nothing()
    )
    return session.scalars(
        select(GiftAccountRow.id).where(
            GiftAccountRow.customer_id == customer_id,
            GiftAccountRow.currency == currency,
        )
    ).one()


def check_sale(face: Money, *, policy: GiftPolicy, pointer: str = "/amount") -> None:
    """
    Refuse an amount that the shop does not sell.

    :raises Invalid: saying from what to what it does
    """
    if not policy.least <= face.amount <= policy.most:
        least, most = (
            decimal_text(amount, face.currency)
            for amount in (policy.least, policy.most)
        )
        message = f"Choose an amount from {least} to {most} {face.currency}."
        raise Invalid.field(pointer=pointer, message=message, code="amount_not_allowed")


def save_policy(
    session: Session, *, policy: GiftPolicy, actor: str, now: datetime
) -> None:
    """
    Change what the shop promises of cards from now on.

    What is on cards already keeps the end that was promised for it.

    :raises Invalid: if the amounts or days contradict each other
    """
    _check_policy(policy)
    before = asdict(get_policy(session))
    session.merge(GiftPolicyRow(id=1, **asdict(policy)))
    audit.record(
        session,
        now=now,
        actor=actor,
        action="gift_card.policy",
        subject="gift_card:policy",
        before=before,
        after=asdict(policy),
    )


def _check_policy(policy: GiftPolicy) -> None:
    wrong = {
        "valid_days": policy.valid_days is not None and policy.valid_days <= 0,
        "refund_days": policy.refund_days <= 0,
        "least": policy.least <= 0,
        "most": policy.most < policy.least,
        "most_balance": policy.most_balance < policy.most,
    }
    messages = {
        "valid_days": "Say a number of days above 0, or nothing.",
        "refund_days": "Say a number of days above 0.",
        "least": "Say an amount above 0.",
        "most": "The most of one sale can't be below the least.",
        "most_balance": "A card must be able to hold one sale.",
    }
    problems = [
        Problem(pointer=f"/{field}", message=messages[field])
        for field, is_wrong in wrong.items()
        if is_wrong
    ]
    if problems:
        raise Invalid(problems)
