"""Invariant 7: what the programme issued is somewhere, over all members."""

from typing import Final

from loyalty.points.queries.books.checks import Check

CHECKS: Final = (
    Check(
        invariant=7,
        rule="What was issued and adjusted is with members, redeemed, expired or"
        " reversed.",
        sql="""
            SELECT format('%s points were issued and adjusted, %s are with members,'
                ' redeemed, expired or reversed', came, gone) AS said
            FROM (
                SELECT coalesce(sum(amount) FILTER (
                        WHERE debit IN ('issued', 'adjusted')), 0)
                    - coalesce(sum(amount) FILTER (
                        WHERE credit IN ('issued', 'adjusted')), 0) AS came,
                    coalesce(sum(amount) FILTER (
                        WHERE credit IN ('redeemed', 'expired', 'reversed')), 0)
                    - coalesce(sum(amount) FILTER (
                        WHERE debit IN ('redeemed', 'expired', 'reversed')), 0)
                    + (SELECT coalesce(sum(available + pending), 0)
                        FROM points_account) AS gone
                FROM points_transfer
            ) total WHERE came <> gone
        """,
    ),
    Check(
        invariant=7,
        rule="What one member gives another receives.",
        sql="""
            SELECT format('The movement %s gives %s points that nobody received',
                request_key, points) AS said
            FROM (
                SELECT request_key, sum(CASE 'adjusted' WHEN credit THEN amount
                    ELSE -amount END) AS points
                FROM points_transfer WHERE kind = 'move'
                GROUP BY request_key, request_hash
            ) pair WHERE points <> 0
        """,
    ),
)
