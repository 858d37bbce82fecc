"""
What runs in django-oscar's own environment: JSON in, JSON out.

It imports nothing of ours. Every basket is priced as oscar's middleware does it for a
request: the discounts forgotten, then ``Applicator.apply``.
"""

import json
import sys
import time
from collections.abc import Mapping
from decimal import Decimal
from statistics import mean
from typing import Any

import django
import oscar
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db.models import Model
from oscar import defaults
from oscar.core.loading import get_class

_APPS = """
django.contrib.admin django.contrib.auth django.contrib.contenttypes
django.contrib.sessions django.contrib.messages django.contrib.staticfiles
django.contrib.sites django.contrib.flatpages
oscar.apps.analytics.apps.AnalyticsConfig
oscar.apps.checkout.apps.CheckoutConfig oscar.apps.address.apps.AddressConfig
oscar.apps.shipping.apps.ShippingConfig oscar.apps.catalogue.apps.CatalogueConfig
oscar.apps.catalogue.reviews.apps.CatalogueReviewsConfig
oscar.apps.communication.apps.CommunicationConfig
oscar.apps.partner.apps.PartnerConfig oscar.apps.basket.apps.BasketConfig
oscar.apps.payment.apps.PaymentConfig oscar.apps.offer.apps.OfferConfig
oscar.apps.order.apps.OrderConfig oscar.apps.customer.apps.CustomerConfig
oscar.apps.search.apps.SearchConfig oscar.apps.voucher.apps.VoucherConfig
oscar.apps.wishlists.apps.WishlistsConfig
widget_tweaks haystack treebeard django_tables2
"""


class _NoMigrations:
    """Makes Django create the tables at once, as its models have them now."""

    def __contains__(self, app: str) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


def _start() -> None:
    settings.configure(
        **{name: getattr(defaults, name) for name in dir(defaults) if name.isupper()},
        SECRET_KEY="none",  # noqa: S106  # nothing is signed
        DEBUG=False,
        INSTALLED_APPS=_APPS.split(),
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
        },
        HAYSTACK_CONNECTIONS={
            "default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}
        },
        MIGRATION_MODULES=_NoMigrations(),
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        SITE_ID=1,
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)


def _add_products(wanted: list[list[str]]) -> dict[str, Any]:
    catalogue, partners = (
        apps.get_app_config("catalogue"),
        apps.get_app_config("partner"),
    )
    kind = catalogue.get_model("ProductClass").objects.create(
        name="Article", requires_shipping=False, track_stock=False
    )
    partner = partners.get_model("Partner").objects.create(name="Main")
    article = catalogue.get_model("Product")
    made = article.objects.bulk_create(
        article(
            title=sku,
            slug=sku.lower(),
            upc=sku,
            product_class=kind,
            structure="standalone",
        )
        for sku, _ in wanted
    )
    found = {product.upc: product for product in made}
    stock = partners.get_model("StockRecord")
    stock.objects.bulk_create(
        stock(
            product=found[sku],
            partner=partner,
            partner_sku=sku,
            price_currency=settings.OSCAR_DEFAULT_CURRENCY,
            price=Decimal(price),
        )
        for sku, price in wanted
    )
    return found


def _add_offers(wanted: list[dict[str, Any]], products: Mapping[str, Any]) -> None:
    offer = apps.get_app_config("offer")
    ranges, parts = offer.get_model("Range"), offer.get_model("RangeProduct")
    for number, one in enumerate(wanted):
        name = f"offer-{number}"
        about = ranges.objects.create(name=name, slug=name)
        parts.objects.bulk_create(
            parts(range=about, product=products[sku]) for sku in one["range"]
        )
        kind, value = one["benefit"]
        condition, least = one["condition"]
        offer.get_model("ConditionalOffer").objects.create(
            name=name,
            slug=name,
            exclusive=one["exclusive"],
            benefit=offer.get_model("Benefit").objects.create(
                type=kind, value=Decimal(value) if value else None, range=about
            ),
            condition=offer.get_model("Condition").objects.create(
                type=condition, value=Decimal(least), range=about
            ),
        )


def _basket(lines: list[list[Any]], products: Mapping[str, Any]) -> Model:
    basket = apps.get_model("basket", "Basket").objects.create()
    basket.strategy = get_class("partner.strategy", "Selector")().strategy()
    for sku, quantity in lines:
        basket.add_product(products[sku], quantity)
    return basket


def _measure(asked: dict[str, Any], products: Mapping[str, Any]) -> dict[str, Any]:
    applicator = get_class("offer.applicator", "Applicator")()
    wall, cpu, applied = [], [], []
    until = time.monotonic() + asked["seconds"]
    for lines in asked["baskets"]:
        basket = _basket(lines, products)
        basket.reset_offer_applications()
        used, began = time.process_time(), time.perf_counter()
        applicator.apply(basket)
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - used)
        applied.append(len(basket.offer_applications.applications))
        if time.monotonic() > until:
            break
    return {
        "version": oscar.get_version(),
        "wall": wall,
        "cpu": cpu,
        "applied": mean(applied),
    }


def main() -> None:
    """Answer what standard input asks."""
    asked = json.load(sys.stdin)
    _start()
    products = _add_products(asked["products"])
    _add_offers(asked["offers"], products)
    json.dump(_measure(asked, products), sys.stdout)


if __name__ == "__main__":
    main()
