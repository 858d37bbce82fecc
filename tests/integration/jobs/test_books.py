"""The shop's books as the recommender reads them."""

from dataclasses import replace

from jobs.tasks.books import CONFIG, FEW_CUSTOMERS, read_books, sized
from loyalty.catalogue.service import save_products
from loyalty.core.database import Database
from recommender.dataset import Catalogue
from tests.factories import NOW, article

GOODS = ("bakery/bread", "drinks/coffee", "drinks/tea", "frozen/pizza")


class TestReadBooks:
    def test_leave_out_what_no_discount_may_touch(self, database: Database) -> None:
        with database.transaction() as session:
            card = replace(article("CARD", "presents/cards", 2500), discountable=False)
            save_products(session, products=[card], now=NOW)

            books = read_books(session, now=NOW)

        assert sorted(product.category for product in books.products) == list(GOODS)

    def test_leave_nothing_to_learn_of_what_is_no_goods(
        self, database: Database
    ) -> None:
        with database.transaction() as session:
            save_products(
                session,
                products=[
                    article("PETROL", "fuel/petrol", 180),
                    article("OTHER", "miscellaneous/other", 100),
                    article("COUPON", "meat/vouchers", 100),
                    article("BOTTLE", "drinks/water/deposits", 25),
                ],
                now=NOW,
            )

            books = read_books(session, now=NOW)

        assert len(books.products) == 8
        catalogue = Catalogue.of(books.products, config=CONFIG)
        assert catalogue.items.names == GOODS
        assert set(catalogue.products) == {"BREAD", "COFFEE", "PIZZA", "TEA"}


class TestSized:
    def test_lets_a_small_shop_learn_from_fewer_periods(self) -> None:
        assert sized(CONFIG, FEW_CUSTOMERS) == CONFIG
        small = sized(CONFIG, FEW_CUSTOMERS - 1)
        assert small == replace(CONFIG, ranker_windows=2)

    def test_never_adds_periods(self) -> None:
        none = replace(CONFIG, ranker_windows=0)
        assert sized(none, 10) == none
