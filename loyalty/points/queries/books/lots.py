"""Invariants 3 and 6: lots hold what the balance says, and last as promised."""

from typing import Final

from loyalty.points.queries.books.checks import Check

CHECKS: Final = (
    Check(
        invariant=3,
        rule="What is left of a lot is what its uses leave.",
        sql="""
            SELECT format('Member %s, lot %s.%s: %s of %s points are left, its uses'
                ' leave %s', l.customer_id, l.transfer_version, l.place, l.remaining,
                l.points, l.points - coalesce(u.points, 0)) AS said
            FROM points_lot l LEFT JOIN (
                SELECT customer_id, lot_version, lot_place, sum(points) AS points
                FROM points_lot_use GROUP BY customer_id, lot_version, lot_place
            ) u ON u.customer_id = l.customer_id
                AND u.lot_version = l.transfer_version AND u.lot_place = l.place
            WHERE l.remaining <> l.points - coalesce(u.points, 0)
        """,
    ),
    Check(
        invariant=3,
        rule="What is left of the lots is the balance, and what is owing has no lot.",
        sql="""
            SELECT format('Member %s has %s points and %s pending, the lots hold %s and'
                ' %s', a.customer_id, a.available, a.pending,
                coalesce(l.available, 0), coalesce(l.pending, 0)) AS said
            FROM points_account a LEFT JOIN (
                SELECT customer_id,
                    sum(remaining) FILTER (WHERE matures_at IS NULL) AS available,
                    sum(remaining) FILTER (WHERE matures_at IS NOT NULL) AS pending
                FROM points_lot GROUP BY customer_id
            ) l USING (customer_id)
            WHERE (greatest(a.available, 0), a.pending)
                <> (coalesce(l.available, 0), coalesce(l.pending, 0))
        """,
    ),
    Check(
        invariant=3,
        rule="Each movement brings lots and uses them for what it moves.",
        sql="""
            SELECT format('Member %s, movement %s changes the points in lots by %s, its'
                ' lots and uses by %s', customer_id, version, moved, lots) AS said
            FROM (
                SELECT t.customer_id, t.version,
                    greatest(t.balance_after, 0) + t.pending_after - coalesce(lag(
                        greatest(t.balance_after, 0) + t.pending_after
                    ) OVER (PARTITION BY t.customer_id ORDER BY t.version), 0) AS moved,
                    coalesce(l.points, 0) - coalesce(u.points, 0) AS lots
                FROM points_transfer t LEFT JOIN (
                    SELECT customer_id, transfer_version AS version,
                        sum(points) AS points
                    FROM points_lot GROUP BY customer_id, transfer_version
                ) l USING (customer_id, version) LEFT JOIN (
                    SELECT customer_id, version, sum(points) AS points
                    FROM points_lot_use GROUP BY customer_id, version
                ) u USING (customer_id, version)
            ) step WHERE moved <> lots
        """,
    ),
    Check(
        invariant=6,
        rule="Points expire no earlier than promised.",
        sql="""
            SELECT format('Member %s: points of movement %s, good until %s, expired at'
                ' %s', e.customer_id, u.lot_version,
                greatest(e.expires_at, t.expires_at), e.at) AS said
            FROM points_transfer e
            JOIN points_lot_use u USING (customer_id, version)
            JOIN points_transfer t ON t.customer_id = e.customer_id
                AND t.version = u.lot_version
            WHERE e.kind = 'expire'
                AND (e.expires_at IS NULL OR e.at < e.expires_at
                    OR e.at < t.expires_at)
        """,
    ),
    Check(
        invariant=6,
        rule="No lot is made to expire earlier than was promised when it came.",
        sql="""
            SELECT format('Member %s, lot %s.%s expires at %s, %s was promised',
                l.customer_id, l.transfer_version, l.place, l.expires_at,
                t.expires_at) AS said
            FROM points_lot l JOIN points_transfer t ON t.customer_id = l.customer_id
                AND t.version = l.transfer_version
            WHERE l.expires_at < t.expires_at
        """,
    ),
)
