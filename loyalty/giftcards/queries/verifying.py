"""Checking the books: every balance against its movements, and all of them together.

Each check is one statement over the whole ledger and finds rows only where something
is wrong, so that it costs a pass over the tables whatever their size.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

_BALANCES: Final = text(
    """
    select id, balance, version, total, transfers, last from (
        select account.id, account.balance, account.version,
               coalesce(sum(case when credit = 'balance' then amount
                                 else -amount end), 0) as total,
               count(transfer.version) as transfers,
               coalesce(max(transfer.version), 0) as last
        from gift_account account
        left join gift_transfer transfer on transfer.account_id = account.id
        group by account.id
    ) accounts
    where balance <> total or version <> transfers or version <> last
    order by id
    """
)
_STEPS: Final = text(
    """
    select account_id, version, balance_after, running from (
        select account_id, version, balance_after,
               sum(case when credit = 'balance' then amount else -amount end)
                   over (partition by account_id order by version) as running
        from gift_transfer
    ) steps
    where balance_after <> running or balance_after < 0
    order by account_id, version
    """
)
_REFUNDS: Final = text(
    """
    select spend.account_id, spend.version, spend.amount, sum(back.amount)
    from gift_transfer back
    join gift_transfer spend
      on spend.account_id = back.account_id and spend.version = back.reverses
    where back.debit = 'spent'
    group by spend.account_id, spend.version, spend.amount
    having sum(back.amount) > spend.amount
    """
)
_LONE_REFUNDS: Final = text(
    """
    select back.account_id, back.version
    from gift_transfer back
    left join gift_transfer spend
      on spend.account_id = back.account_id and spend.version = back.reverses
     and spend.credit = 'spent'
    where back.debit = 'spent' and spend.account_id is null
    """
)
_MOVES: Final = text(
    """
    select given.account_id, given.version
    from gift_transfer given
    left join gift_transfer taken
      on taken.account_id = given.other_id and taken.other_id = given.account_id
     and taken.request_key = given.request_key and taken.amount = given.amount
     and taken.debit = given.credit
    where 'moved' in (given.debit, given.credit) and taken.account_id is null
    """
)
_UNPAID: Final = text(
    """
    select id, state, balance, version from gift_account
    where (state = 'waiting' and version > 0)
       or (state = 'cancelled' and balance > 0)
       or (kind = 'card' and state = 'active' and version = 0)
    """
)


def verify(session: Session) -> tuple[str, ...]:
    """
    Return a sentence for each thing that is wrong with the money ledger.

    Balances and versions are the sum and count of their transfers, each balance on
    the way is right and never below zero, no purchase was refunded more than it
    spent, what left one account for another arrived, and nothing lies on a card
    that was not paid for.
    """
    return tuple(_problems(session))


def _problems(session: Session) -> Iterator[str]:
    for row in session.execute(_BALANCES):
        yield (
            f"gift account {row[0]} says balance {row[1]} and version {row[2]}, its "
            f"{row[4]} transfers give {row[3]} and {row[5]}"
        )
    for row in session.execute(_STEPS):
        yield (
            f"gift transfer {row[0]}/{row[1]} says balance {row[2]} after it, the "
            f"transfers up to it give {row[3]}"
        )
    for row in session.execute(_REFUNDS):
        yield (
            f"gift transfer {row[0]}/{row[1]} spent {row[2]}, and {row[3]} of it "
            "was refunded"
        )
    for row in session.execute(_LONE_REFUNDS):
        yield f"gift transfer {row[0]}/{row[1]} refunds what was never spent"
    for row in session.execute(_MOVES):
        yield f"gift transfer {row[0]}/{row[1]} has no other half"
    for row in session.execute(_UNPAID):
        yield f"gift account {row[0]} is {row[1]} with balance {row[2]}"
