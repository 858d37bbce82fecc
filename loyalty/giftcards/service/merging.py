"""What the records of one person have stored: on one account, and apart again.

Money moves by linked transfers, as from a card to an account. It keeps the end that was
promised for it, and what lies on one account may be more than the shop sells onto one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.money import Money
from loyalty.customers.values import CustomerID
from loyalty.giftcards.models import GiftAccountRow, GiftTransferRow
from loyalty.giftcards.queries.accounts import to_account
from loyalty.giftcards.rules import later_end, usable
from loyalty.giftcards.service.issuing import open_stored_value
from loyalty.giftcards.service.moving import lock_account, move
from loyalty.giftcards.values import GiftAccountID, Move, Movement, Side

Stored = list[int | str | None]
"""One move: the accounts that gave and got, the amount, and of the one that got its
end before and after (None: for ever) and its version."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Following:
    """Whose money follows whom, by which merge."""

    giver: CustomerID
    receiver: CustomerID
    key: str
    actor: str


def follow_stored(
    session: Session,
    *,
    following: Following,
    before: Sequence[Stored],
    now: datetime,
) -> list[Stored]:
    """
    Move what one record has stored, in each currency, to the other; it may run again.

    What is on a blocked account waits there until somebody unblocks it.

    :param before: what moved until now
    :returns: that, and what moved now
    """
    moves = list(before)
    for account in _accounts(session, following.giver):
        moves += _follow(session, account, following, len(moves) + 1, now=now)
    return moves


def give_stored_back(
    session: Session,
    *,
    following: Following,
    moves: Sequence[Stored],
    now: datetime,
) -> list[tuple[Money, Money]]:
    """
    Move money back where it came from, as far as it is there, the last first.

    :returns: for each move what went back, and what is missing
    """
    done = []
    for place, one in reversed([*zip(count(1), moves)]):
        giver, receiver, amount = (int(part or 0) for part in one[:3])
        rows = _lock_both(session, giver, receiver)
        there = usable(to_account(rows[receiver]), now=now)
        wanted = Money(amount=amount, currency=there.currency)
        back = min(wanted, there)
        if back:
            end = rows[giver].expires_at
            _pass_on(
                session,
                (rows[receiver].id, rows[giver].id),
                Movement(
                    move=Move.GIVE,
                    amount=back,
                    request_key=f"{following.key}:{place}:back",
                    actor=following.actor,
                ),
                now=now,
            )
            rows[giver].expires_at = end
        _take_end_back(session, rows[receiver], one)
        done.append((back, wanted - back))
    return done


def _follow(
    session: Session,
    account: GiftAccountRow,
    following: Following,
    place: int,
    *,
    now: datetime,
) -> Iterator[Stored]:
    if not account.balance:
        return
    account_id = account.id
    other_id = open_stored_value(
        session,
        customer_id=following.receiver,
        currency=account.currency,
        actor=following.actor,
        now=now,
    )
    rows = _lock_both(session, account_id, other_id)
    amount = usable(to_account(rows[account_id]), now=now)
    if not amount:
        return
    came = rows[other_id]
    before, empty = came.expires_at, came.balance == 0
    given = rows[account_id].expires_at
    end = given if empty else later_end(before, given)
    _pass_on(
        session,
        (account_id, other_id),
        Movement(
            move=Move.GIVE,
            amount=amount,
            request_key=f"{following.key}:{place}",
            actor=following.actor,
        ),
        now=now,
    )
    came.expires_at = end
    session.flush()
    ends = [_text(before), _text(end)]
    yield [account_id, other_id, amount.amount, *ends, came.version]


def _take_end_back(session: Session, row: GiftAccountRow, moved: Stored) -> None:
    """Let the account end as before the move, unless money was paid in since."""
    before, after, version = moved[3:]
    paid_in = select(GiftTransferRow.version).where(
        GiftTransferRow.account_id == row.id,
        GiftTransferRow.version > version,
        GiftTransferRow.debit.in_((Side.SOLD, Side.SPENT)),
    )
    if row.expires_at == _read(after) and session.scalar(paid_in.limit(1)) is None:
        row.expires_at = _read(before)
    session.flush()


def _pass_on(
    session: Session,
    accounts: tuple[GiftAccountID, GiftAccountID],
    given: Movement,
    *,
    now: datetime,
) -> None:
    giver, receiver = accounts
    given = replace(given, other_id=receiver, beyond_most=True)
    taken = replace(given, move=Move.TAKE, other_id=giver)
    move(session, account_id=giver, movement=given, now=now)
    move(session, account_id=receiver, movement=taken, now=now)


def _accounts(session: Session, customer_id: CustomerID) -> Sequence[GiftAccountRow]:
    return session.scalars(
        select(GiftAccountRow)
        .where(GiftAccountRow.customer_id == customer_id)
        .order_by(GiftAccountRow.id)
    ).all()


def _lock_both(session: Session, one: int, other: int) -> dict[int, GiftAccountRow]:
    return {
        account_id: lock_account(session, account_id=GiftAccountID(account_id))
        for account_id in sorted((one, other))
    }


def _text(end: datetime | None) -> str | None:
    return None if end is None else end.isoformat()


def _read(end: int | str | None) -> datetime | None:
    return datetime.fromisoformat(end) if isinstance(end, str) else None
