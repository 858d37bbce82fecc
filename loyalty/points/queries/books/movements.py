"""Invariants 1, 2, 4, 5 and 9: movements, and the balances that follow from them."""

from typing import Final

from loyalty.points.queries.books.checks import Check

_STEPS: Final = """
    SELECT customer_id, version, at, kind, debit, credit, amount,
        balance_after, pending_after,
        coalesce(lag(balance_after) OVER one_by_one, 0) AS balance_before,
        sum(CASE 'available' WHEN credit THEN amount WHEN debit THEN -amount ELSE 0 END)
            OVER one_by_one AS available,
        sum(CASE 'pending' WHEN credit THEN amount WHEN debit THEN -amount ELSE 0 END)
            OVER one_by_one AS pending
    FROM points_transfer
    WINDOW one_by_one AS (PARTITION BY customer_id ORDER BY version)
"""

_BELOW_ZERO: Final = """
    SELECT format('Member %s, movement %s: %s leaves %s points', customer_id,
        version, kind, balance_after) AS said
    FROM ({steps}) step
    WHERE balance_after < least(0, balance_before) AND kind <> 'take_back'
"""

_REPLAYED: Final = """
    SELECT format('Member %s, movement %s notes %s points and %s pending after it,'
        ' replaying gives %s and %s', customer_id, version, balance_after,
        pending_after, available, pending) AS said
    FROM ({steps}) step
    WHERE (balance_after, pending_after) <> (available, pending)
"""

CHECKS: Final = (
    Check(
        invariant=1,
        rule="A movement moves one positive amount between two different accounts.",
        sql="""
            SELECT format('Member %s, movement %s: %s points from %s to %s',
                customer_id, version, amount, debit, credit) AS said
            FROM points_transfer
            WHERE amount <= 0 OR debit = credit
        """,
    ),
    Check(
        invariant=1,
        rule="A movement's accounts are those of its kind.",
        sql="""
            SELECT format('Member %s, movement %s: %s goes from %s to %s',
                customer_id, version, kind, debit, credit) AS said
            FROM points_transfer
            WHERE (kind, debit, credit) NOT IN (
                ('earn', 'issued', 'available'), ('earn', 'issued', 'pending'),
                ('mature', 'pending', 'available'),
                ('spend', 'available', 'redeemed'),
                ('give_back', 'redeemed', 'available'),
                ('take_back', 'available', 'reversed'),
                ('take_back', 'pending', 'reversed'),
                ('undo', 'available', 'reversed'), ('undo', 'pending', 'reversed'),
                ('undo', 'reversed', 'available'), ('undo', 'reversed', 'pending'),
                ('undo', 'redeemed', 'available'),
                ('undo', 'adjusted', 'available'), ('undo', 'available', 'adjusted'),
                ('adjust', 'adjusted', 'available'),
                ('adjust', 'available', 'adjusted'),
                ('move', 'adjusted', 'available'), ('move', 'available', 'adjusted'),
                ('expire', 'available', 'expired')
            )
        """,
    ),
    Check(
        invariant=1,
        rule="No more of a movement is taken back than it moved.",
        sql="""
            SELECT format('Member %s: %s points were taken back of movement %s, which'
                ' moved %s', t.customer_id, r.amount, t.version, t.amount) AS said
            FROM points_transfer t JOIN (
                SELECT customer_id, reverses, sum(amount) AS amount
                FROM points_transfer WHERE reverses IS NOT NULL
                GROUP BY customer_id, reverses
            ) r ON r.customer_id = t.customer_id AND r.reverses = t.version
            WHERE r.amount > t.amount
        """,
    ),
    Check(
        invariant=2,
        rule="The versions of a member's movements run from 1 without a gap.",
        sql="""
            SELECT format('Member %s: %s movements, the last is number %s, the account'
                ' says %s', a.customer_id, coalesce(t.count, 0), coalesce(t.last, 0),
                a.version) AS said
            FROM points_account a LEFT JOIN (
                SELECT customer_id, count(*), min(version) AS first,
                    max(version) AS last
                FROM points_transfer GROUP BY customer_id
            ) t USING (customer_id)
            WHERE coalesce(t.count, 0) <> a.version OR coalesce(t.last, 0) <> a.version
                OR coalesce(t.first, 1) <> 1
        """,
    ),
    Check(
        invariant=2,
        rule="A balance is the sum of its movements.",
        sql="""
            SELECT format('Member %s has %s points and %s pending, the movements add up'
                ' to %s and %s', a.customer_id, a.available, a.pending,
                coalesce(t.available, 0), coalesce(t.pending, 0)) AS said
            FROM points_account a LEFT JOIN (
                SELECT customer_id,
                    sum(CASE 'available' WHEN credit THEN amount
                        WHEN debit THEN -amount ELSE 0 END) AS available,
                    sum(CASE 'pending' WHEN credit THEN amount
                        WHEN debit THEN -amount ELSE 0 END) AS pending
                FROM points_transfer GROUP BY customer_id
            ) t USING (customer_id)
            WHERE (a.available, a.pending)
                <> (coalesce(t.available, 0), coalesce(t.pending, 0))
        """,
    ),
    Check(
        invariant=4,
        rule="Only a return makes a balance fall below zero.",
        sql=_BELOW_ZERO.format(steps=_STEPS),
    ),
    Check(
        invariant=4,
        rule="Returns take back no more than their purchase earned.",
        sql="""
            SELECT format('Purchase %s earned %s points, %s were taken back',
                purchase_id, earned, taken) AS said
            FROM (
                SELECT purchase_id,
                    coalesce(sum(amount) FILTER (WHERE kind = 'earn'), 0) AS earned,
                    coalesce(sum(CASE 'reversed' WHEN credit THEN amount
                        WHEN debit THEN -amount ELSE 0 END), 0) AS taken
                FROM points_transfer WHERE purchase_id IS NOT NULL
                GROUP BY purchase_id
            ) p WHERE taken > earned OR taken < 0
        """,
    ),
    Check(
        invariant=5,
        rule="A request key has one movement.",
        sql="""
            SELECT format('Member %s: %s movements have the key %s', customer_id,
                count(*), request_key) AS said
            FROM points_transfer GROUP BY customer_id, request_key HAVING count(*) > 1
        """,
    ),
    Check(
        invariant=9,
        rule="Replaying all movements from nothing gives each balance noted.",
        sql=_REPLAYED.format(steps=_STEPS),
    ),
)
