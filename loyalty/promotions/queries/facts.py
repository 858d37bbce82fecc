"""The facts beside a basket that pricing reads, as its own values."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from loyalty.catalogue.values import Product as CatalogueProduct
from loyalty.customers.values import Profile
from loyalty.promotions.values import CustomerFacts, PastPurchase, Product
from loyalty.purchases.queries import list_purchases
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
    session: Session, *, profile: Profile, offered: Iterable[str], zone: ZoneInfo
) -> CustomerFacts:
    """
    Return what pricing reads of the holder of a card.

    :param offered: codes of the personal promotions offered to the customer
    :param zone: where the first day of membership is counted
    """
    purchases = list_purchases(session, customer_id=profile.id, limit=_MOST_PURCHASES)
    return CustomerFacts(
        tier=tier_of(session, customer_id=profile.id),
        segments=profile.segments,
        member_since=profile.enrolled_at.astimezone(zone).date(),
        birthday=profile.birthday,
        language=profile.language,
        home_store=profile.home_store,
        interests=profile.preferences.topics,
        purchases=tuple(PastPurchase(at=p.at, net=p.net) for p in purchases),
        offered=frozenset(offered),
    )
