"""Coupons as promotions."""

from datetime import date

import pytest

from loyalty.demo.coupons import (
    Document,
    Sales,
    personal_promotions,
    standing_promotions,
)
from loyalty.demo.values import Article, Coupon
from loyalty.promotions.schema import load_promotion

TODAY = date(2026, 11, 22)


def article(number: int, *, maker: int = 9, category: str = "COFFEE") -> Article:
    return Article(
        id=number,
        manufacturer=maker,
        department="GROCERY",
        private=False,
        category=category,
        kind="GROUND COFFEE",
        size="12 OZ",
    )


def sales(articles: list[Article]) -> Sales:
    return Sales(
        articles={one.id: one for one in articles},
        bought={one.id: 10 for one in articles},
        prices={one.id: 400 for one in articles},
        currency="EUR",
    )


def coupon(*products: int, upc: int = 1) -> Coupon:
    return Coupon(upc=upc, products=frozenset(products), redemptions=5)


def promotions(articles: list[Article], *coupons: Coupon) -> list[Document]:
    return personal_promotions(coupons, sales=sales(articles), today=TODAY, most=9)


def selector(document: Document) -> object:
    reward = document["reward"]
    assert isinstance(reward, dict)
    (terms,) = reward.values()
    return terms["on"]


class TestPersonalPromotions:
    def test_name_the_brand_of_one_maker_s_products(self) -> None:
        others = [article(number, maker=5) for number in range(10, 40)]

        (found,) = promotions([article(1), article(2), *others], coupon(1, 2))

        on = selector(found)
        assert isinstance(on, dict)
        assert on["categories"] == ["grocery/coffee"]
        assert len(on["brands"]) == 1

    def test_name_the_category_that_they_cover(self) -> None:
        (found,) = promotions([article(n, maker=n) for n in (3, 4, 5)], coupon(3, 4, 5))

        assert selector(found) == {"categories": ["grocery/coffee"]}

    def test_list_products_when_nothing_else_says_the_same(self) -> None:
        mixed = [article(number, maker=number) for number in range(3, 40)]

        (found,) = promotions(mixed, coupon(3, 4, 5))

        assert selector(found) == {"skus": ["3", "4", "5"]}

    def test_are_one_for_each_target(self) -> None:
        found = promotions([article(1)], coupon(1, upc=1), coupon(1, upc=2))

        assert len(found) == 1

    def test_leave_out_what_nobody_buys_and_what_is_not_offered(self) -> None:
        beer = article(2, category="BEERS/ALES")

        assert promotions([article(1), beer], coupon(2), coupon(77)) == []

    def test_are_valid_documents_for_eight_weeks_and_one_use(self) -> None:
        (found,) = promotions([article(1)], coupon(1))

        promotion = load_promotion(found, currency="EUR")
        assert promotion.limits.per_customer == 1
        assert promotion.trigger == "personal"
        assert promotion.valid.start is not None
        assert promotion.valid.until is not None
        assert (promotion.valid.until - promotion.valid.start).days == 56


class TestStandingPromotions:
    @pytest.mark.parametrize("place", range(4))
    def test_are_valid_documents(self, place: int) -> None:
        document = standing_promotions(today=TODAY)[place]

        assert load_promotion(document, currency="EUR").code == document["code"]
