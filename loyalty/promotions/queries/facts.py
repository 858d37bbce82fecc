"""The facts beside a basket that pricing reads, as its own values."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from loyalty.catalogue.values import Product as CatalogueProduct
from loyalty.customers.values import CustomerID, Shopper
from loyalty.promotions.values import CustomerFacts, PastPurchase, Product
from loyalty.purchases.queries import kept_purchases
from loyalty.tiers.queries import tier_of

_MOST_PURCHASES = 1_000
"""As far back as audiences look; a weekly shopper fills it in twenty years."""


def catalogue_facts(
    products: Mapping[str, CatalogueProduct],
) -> dict[str, Product]:
    """Return what pricing reads of these articles, by sku."""
    return {
        sku: Product(
            sku=sku,
            name=product.name,
            categories=product.categories,
            brand=product.brand,
            tags=product.tags,
            discountable=product.discountable,
            floor_price=product.floor_price,
            cost=product.cost,
            weighed=product.weighed,
        )
        for sku, product in products.items()
    }


def customer_facts(
    session: Session, *, shopper: Shopper, offered: Iterable[str], zone: ZoneInfo
) -> CustomerFacts:
    """
    Return what pricing reads of the holder of a card, but for their purchases.

    :param offered: codes of the personal promotions offered to the customer
    :param zone: where the first day of membership is counted
    """
    return CustomerFacts(
        tier=tier_of(session, customer_id=shopper.id),
        segments=shopper.segments,
        member_since=shopper.enrolled_at.astimezone(zone).date(),
        birthday=shopper.birthday,
        language=shopper.language,
        home_store=shopper.home_store,
        interests=shopper.topics,
        offered=frozenset(offered),
    )


def past_purchases(
    session: Session, *, customer_id: CustomerID
) -> tuple[PastPurchase, ...]:
    """Return what the customer bought before and kept, as audiences read it."""
    purchases = kept_purchases(session, customer_id=customer_id, limit=_MOST_PURCHASES)
    return tuple(PastPurchase(at=p.at, net=p.net) for p in purchases)
