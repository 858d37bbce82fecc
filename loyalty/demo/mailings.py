"""The data's campaigns as past campaigns of the shop, moved in time."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from statistics import median_low

from loyalty.customers.values import CustomerID
from loyalty.demo.values import Household, Mailing
from loyalty.offers.values import PastCampaign, PastOffer, PastRedemption


def past_campaigns(
    mailings: Iterable[Mailing],
    *,
    customers: Mapping[Household, CustomerID],
    prices: Mapping[int, int],
    shift: timedelta,
) -> list[PastCampaign]:
    """
    Return the campaigns that reached one of these customers.

    How much a coupon took off is not in the data, and is not made up here.

    :param prices: usual prices by article, in minor units
    """
    return [
        _campaign(mailing, customers, prices, shift)
        for mailing in mailings
        if mailing.households & customers.keys()
    ]


def _campaign(
    mailing: Mailing,
    customers: Mapping[Household, CustomerID],
    prices: Mapping[int, int],
    shift: timedelta,
) -> PastCampaign:
    reached = [customers[h] for h in mailing.households if h in customers]
    return PastCampaign(
        code=f"mailing-{mailing.id}",
        kind=mailing.kind,
        first_day=mailing.first_day + shift,
        last_day=mailing.last_day + shift,
        offers=tuple(
            PastOffer(
                code=str(upc),
                skus=tuple(str(product) for product in sorted(products)),
                reward="coupon",
                price=_usual(prices, products),
            )
            for upc, products in mailing.coupons.items()
        ),
        reached=tuple(sorted(reached)),
        redemptions=tuple(
            PastRedemption(customers[household], str(upc), day + shift)
            for household, upc, day in sorted(mailing.used)
            if household in customers
        ),
    )


def _usual(prices: Mapping[int, int], products: Iterable[int]) -> int | None:
    known = [prices[product] for product in products if product in prices]
    return median_low(known) if known else None
