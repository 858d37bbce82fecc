"""Noting what prices are, so that the lowest of a time can be told later."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from loyalty.catalogue.values import PriceSource
from loyalty.core.money import Money

_NOTE: Final = text(
    """
    INSERT INTO product_price (sku, store_id, at, price, currency, source)
    SELECT told.sku, :store_id, :at, told.price, :currency, :source
    FROM (
        SELECT sku, min(price) AS price
        FROM unnest(CAST(:skus AS text[]), CAST(:prices AS bigint[])) AS t(sku, price)
        WHERE price > 0
        GROUP BY sku
    ) AS told
    LEFT JOIN LATERAL (
        SELECT price FROM product_price AS known
        WHERE known.sku = told.sku AND known.at <= :at
        AND (known.store_id IS NULL
             OR known.store_id = CAST(:store_id AS bigint))
        ORDER BY known.at DESC, known.id DESC
        LIMIT 1
    ) AS last ON true
    WHERE last.price IS DISTINCT FROM told.price
    ORDER BY told.sku
    """
)


def note_prices(
    session: Session,
    *,
    prices: Iterable[tuple[str, Money]],
    source: PriceSource,
    at: datetime,
    store_id: int | None = None,
) -> None:
    """
    Note the prices of articles, all of one currency, where they are not known so.

    One statement, which waits for nobody. Of several prices of an article the lowest
    is noted; a price of nothing is a gift and none.
    """
    told = list(prices)
    if not told:
        return
    session.execute(
        _NOTE,
        {
            "skus": [sku for sku, _price in told],
            "prices": [price.amount for _sku, price in told],
            "currency": told[0][1].currency,
            "source": source.value,
            "store_id": store_id,
            "at": at,
        },
    )
