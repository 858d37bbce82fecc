"""The answer of a back-test as the JSON that is kept and served."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from loyalty.promotions.values.backtests import (
    Backtest,
    Effect,
    Interval,
    Margin,
    Share,
)
from loyalty.purchases.queries import get_purchase
from loyalty.purchases.values import PurchaseID


def result_document(
    session: Session, found: Backtest, *, currency: str, assumptions: Iterable[str]
) -> dict[str, Any]:
    """Return the answer with money as whole minor units, and plain keys."""
    return {
        "currency": currency,
        "baskets": found.baskets,
        "concerned": found.concerned,
        "touched": found.touched,
        "customers": found.customers,
        "without_card": found.without_card,
        "times": found.times,
        "given": found.given,
        "cost": found.cost,
        "points": found.points,
        "interval": _interval(found.interval),
        "margin": _margin(found.margin),
        "by_day": _shares(
            {day.isoformat(): share for day, share in found.by_day.items()}
        ),
        "by_store": _shares(found.by_store),
        "by_segment": _shares(found.by_segment),
        "worst": None if found.worst is None else _worst(session, found.worst),
        "limit_reached": _moment(found.limit_reached),
        "unproven": found.unproven,
        "assumptions": list(assumptions),
    }


def _interval(interval: Interval | None) -> dict[str, int] | None:
    if interval is None:
        return None
    return {
        "low": interval.low,
        "high": interval.high,
        "shoppers": interval.shoppers,
    }


def _margin(margin: Margin | None) -> dict[str, float] | None:
    if margin is None:
        return None
    return {
        "before": margin.before,
        "after": margin.after,
        "cost": margin.cost,
        "share": round(margin.share, 4),
        "below_cost": margin.below_cost,
    }


def _shares(shares: Mapping[str, Share]) -> list[dict[str, str | int]]:
    return [
        {"key": key, "baskets": share.baskets, "cost": share.cost}
        for key, share in shares.items()
    ]


def _worst(session: Session, worst: Effect) -> dict[str, Any]:
    purchase = get_purchase(session, purchase_id=PurchaseID(worst.purchase))
    return {
        "purchase": worst.purchase,
        "receipt": purchase.receipt,
        "store": worst.store,
        "at": _moment(worst.at),
        "customer": worst.customer,
        "before": worst.before,
        "cost": worst.cost,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
