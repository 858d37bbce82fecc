"""What an article's price was."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from loyalty.catalogue.values import PriceChange
from loyalty.core.money import Money

PRIOR_DAYS: Final = 30
"""How long before a reduction its prior price is looked for (98/6/EC, Art. 6a)."""


def lowest_price(
    changes: Iterable[PriceChange], *, before: datetime, days: int = PRIOR_DAYS
) -> Money | None:
    """
    Return the lowest price applied in the days before a moment, None if none is known.

    "The prior price means the lowest price applied by the trader during a period of
    time not shorter than 30 days prior to the application of the price reduction"
    (Directive 98/6/EC, Article 6a(2)).

    :param changes: of one article, the older first
    """
    start = before - timedelta(days=days)
    return lowest_between(changes, start=start, until=before)


def lowest_between(
    changes: Iterable[PriceChange], *, start: datetime, until: datetime
) -> Money | None:
    """
    Return the lowest price in force anywhere from ``start`` until before ``until``.

    A price is in force until the next one, in its store or everywhere; one noted
    everywhere takes the place of those that stores had before.

    :param changes: of one article, the older first
    :returns: None if no price is known, or the period is empty
    """
    if start >= until:
        return None
    known = [change for change in changes if change.at < until]
    stores = {change.store_id for change in known} | {None}
    prices = [change.price for change in known if change.at > start]
    for store_id in stores:
        before = [
            change
            for change in known
            if change.at <= start and change.store_id in (None, store_id)
        ]
        prices += [change.price for change in before[-1:]]
    return min(prices, default=None)
