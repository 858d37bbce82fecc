from datetime import timedelta

from recommender.data import Ask, Customer, Offer, Purchase, Purchases
from recommender.pipeline import recommend
from recommender.training import Trained
from tests.unit.recommender.shop import Shop


def reason(
    trained: Trained, shop: Shop, *, days: tuple[int, ...], offer: Offer, **who: object
) -> dict[str, object]:
    """Return the reason for an offer; cat food was bought so many days ago."""
    rows = [
        Purchase(
            customer=500,
            product="Cat food-1",
            day=shop.tomorrow - timedelta(days=ago),
            quantity=1,
            value=100,
        )
        for ago in days
    ]
    customer = Customer(id=500, **who)  # type: ignore[arg-type]  # test data
    asked = Ask(day=shop.tomorrow, offers=[offer])
    purchases = Purchases.of(rows)
    (found,) = recommend(trained, purchases, [customer], shop.products, asked)
    return dict(found.reason)


CAT_FOOD = Offer(key="o", categories=("Cat food",))
CAT_TOYS = Offer(key="o", categories=("Cat toys",))
MILK = Offer(key="o", categories=("Milk",))


class TestReason:
    def test_says_how_often(self, trained: Trained, shop: Shop) -> None:
        found = reason(trained, shop, days=(3, 15, 27, 40), offer=CAT_FOOD)
        assert found == {
            "kind": "often_bought",
            "category": "Cat food",
            "times": 4,
            "every_days": 12,
            "last": (shop.tomorrow - timedelta(days=3)).isoformat(),
        }

    def test_claims_no_rhythm_from_two_purchases(
        self, trained: Trained, shop: Shop
    ) -> None:
        found = reason(trained, shop, days=(3, 15), offer=CAT_FOOD)
        assert found["kind"] == "bought_before"
        assert found["times"] == 2
        assert "every_days" not in found

    def test_names_what_it_goes_with(self, trained: Trained, shop: Shop) -> None:
        found = reason(trained, shop, days=(3, 15, 27), offer=CAT_TOYS)
        assert found == {"kind": "similar_to", "category": "Cat food"}

    def test_names_the_interest(self, trained: Trained, shop: Shop) -> None:
        found = reason(
            trained, shop, days=(), offer=CAT_FOOD, interests=("Bakery", "Cat food")
        )
        assert found == {"kind": "interest", "category": "Cat food"}

    def test_prefers_deeds_to_words(self, trained: Trained, shop: Shop) -> None:
        found = reason(
            trained,
            shop,
            days=(1, 3, 5, 7, 9, 11),
            offer=CAT_FOOD,
            interests=("Cat food",),
        )
        assert found["kind"] == "often_bought"

    def test_admits_that_it_is_popular(self, trained: Trained, shop: Shop) -> None:
        found = reason(trained, shop, days=(), offer=MILK, store="S1")
        assert found == {"kind": "popular"}
