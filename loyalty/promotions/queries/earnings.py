"""Invariant 8 of the ledger: purchases earned what the rules that priced them give."""

from typing import Final

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from loyalty.core.money import exponent
from loyalty.points.queries.books import Wrong, run
from loyalty.points.queries.books.checks import Check
from loyalty.stores.models import PointsRuleRow, StoreRow

_SQL: Final = """
    SELECT format('Purchase %s earned %s points, version %s of the rule and its'
        ' promotions give %s', id, earned, version, due) AS said
    FROM (
        SELECT p.id, coalesce(t.amount, 0) AS earned, r.version,
            div(p.net * r.points, r.per * CASE p.currency {minor_units} END)
                + coalesce(u.points, 0) AS due
        FROM purchase p
        LEFT JOIN (
            SELECT purchase_id, sum(amount) AS amount, min(rule_version) AS version
            FROM points_transfer WHERE kind = 'earn' AND purchase_id IS NOT NULL
            GROUP BY purchase_id
        ) t ON t.purchase_id = p.id
        LEFT JOIN (
            SELECT purchase_id, sum(points) AS points FROM promotion_use
            GROUP BY purchase_id
        ) u ON u.purchase_id = p.id
        JOIN points_rule r ON r.version = coalesce(t.version, (
            SELECT max(version) FROM points_rule WHERE since <= p.recorded_at))
        WHERE t.purchase_id IS NOT NULL
            -- What was taken over from elsewhere may lack points that expired there.
            OR (p.customer_id IS NOT NULL AND p.request_hash IS NOT NULL)
    ) bought WHERE earned <> due
"""
# By the rule, rounded down once, and what each promotion added.


def wrong_earnings(session: Session) -> Wrong | None:
    """Return the purchases whose points are not what the rules give, or None."""
    currencies = session.scalars(
        union(
            select(PointsRuleRow.currency),
            select(func.coalesce(StoreRow.currency, "")),
        )
    )
    units = " ".join(
        f"WHEN '{currency}' THEN {10 ** exponent(currency)}"
        for currency in currencies
        if currency
    )
    check = Check(
        invariant=8,
        rule="Every purchase's points agree with the rules version that priced it.",
        sql=_SQL.format(minor_units=units or "WHEN '' THEN 1"),
    )
    return run(session, check)
