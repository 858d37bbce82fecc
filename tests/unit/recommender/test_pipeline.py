from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from recommender.config import Config
from recommender.data import (
    Answer,
    Ask,
    Customer,
    Offer,
    Product,
    Purchase,
    Purchases,
    Response,
    Suggestion,
)
from recommender.evaluation.rows import ALL, FRESH
from recommender.pipeline import evaluate, recommend, train
from recommender.training import NothingToLearn, Trained
from tests.unit.recommender.shop import FIRST, TREE, Shop

CATS = set(TREE["Pets"])
BABIES = set(TREE["Baby"])
NOBODY = Customer(id=900)


def ask(shop: Shop, *offers: Offer, responses: tuple[Response, ...] = ()) -> Ask:
    return Ask(day=shop.tomorrow, offers=offers or None, responses=responses)


def suggestions(
    trained: Trained,
    shop: Shop,
    customer: Customer,
    asked: Ask | None = None,
    more: tuple[Purchase, ...] = (),
) -> list[Suggestion]:
    purchases = Purchases.of(more) if more else shop.purchases
    asked = asked or ask(shop)
    return list(recommend(trained, purchases, [customer], shop.products, asked))


def scores(found: list[Suggestion]) -> dict[str, float]:
    return {suggestion.offer: suggestion.score for suggestion in found}


class TestTrain:
    def test_gives_the_same_numbers_for_the_same_seed(
        self, trained: Trained, shop: Shop, config: Config
    ) -> None:
        again = train(shop.purchases, shop.customers, shop.products, config)
        assert (again.hybrid.customers == trained.hybrid.customers).all()
        assert (again.hybrid.items == trained.hybrid.items).all()
        assert (again.hybrid.biases == trained.hybrid.biases).all()

    def test_gives_other_numbers_for_another_seed(
        self, trained: Trained, shop: Shop, config: Config
    ) -> None:
        other = replace(config, seed=2)
        again = train(shop.purchases, shop.customers, shop.products, other)
        assert (again.hybrid.items != trained.hybrid.items).any()

    def test_does_not_mind_the_order_of_rows(
        self, trained: Trained, shop: Shop, config: Config
    ) -> None:
        rows = np.random.default_rng(3).permutation(len(shop.purchases))
        shuffled = Purchases(
            customers=shop.purchases.customers[rows],
            products=shop.purchases.products[rows],
            days=shop.purchases.days[rows],
            quantities=shop.purchases.quantities[rows],
            values=shop.purchases.values[rows],
            skus=shop.purchases.skus,
        )
        products = shop.products[::-1]
        again = train(shuffled, shop.customers[::-1], products, config)
        assert (again.hybrid.items == trained.hybrid.items).all()

    def test_tells_how_far_it_is(self, shop: Shop, config: Config) -> None:
        told: list[tuple[str, int, int]] = []
        train(
            shop.purchases,
            shop.customers,
            shop.products,
            replace(config, epochs=2, ranker_trees=3),
            lambda step, done, total: told.append((step, done, total)),
        )
        assert list(dict.fromkeys(told)) == [
            ("LightFM", 1, 2),
            ("LightFM", 2, 2),
            *(("earlier models", done, 3) for done in range(3)),
            ("re-ranker", 1, 3),
            ("re-ranker", 2, 3),
            ("re-ranker", 3, 3),
        ]

    def test_makes_no_feature_of_a_sensitive_fact(
        self, shop: Shop, config: Config
    ) -> None:
        facts = (("religion", "any"), ("household", "2"))
        told = [replace(shop.customers[0], facts=facts), *shop.customers[1:]]
        quick = replace(config, epochs=1)
        model = train(shop.purchases, told, shop.products, quick)
        names = {n for n in model.space.customer.names if n.startswith("fact:")}
        assert names == {"fact:household=2"}

    def test_refuses_to_learn_from_nothing(self, shop: Shop, config: Config) -> None:
        beer = Purchases.of(
            [Purchase(customer=1, product="Beer-1", day=FIRST, quantity=1, value=99)]
        )
        for purchases in (Purchases.of([]), beer):
            with pytest.raises(NothingToLearn):
                train(purchases, shop.customers, shop.products, config)

    def test_learns_from_a_single_purchase(self, shop: Shop, config: Config) -> None:
        one = Purchases.of(
            [Purchase(customer=1, product="Milk-1", day=FIRST, quantity=1, value=99)]
        )
        model = train(one, shop.customers, shop.products, config)
        assert model.events == 1
        assert np.isfinite(model.hybrid.customers).all()


class TestRecommend:
    def test_ranks_what_is_bought_often_first(
        self, trained: Trained, shop: Shop
    ) -> None:
        found = suggestions(trained, shop, shop.customers[1])
        assert [s.rank for s in found] == [1, 2, 3, 4, 5]
        assert found[0].offer == "Milk"
        assert all(0 <= s.score <= 1 for s in found)

    def test_finds_what_like_minded_customers_buy(
        self, trained: Trained, shop: Shop
    ) -> None:
        """Of two offers for what they never bought, their own taste's comes first."""
        fresh = [
            Product(sku="cat-new", category="Cat beds", department="Pets"),
            Product(sku="baby-new", category="Prams", department="Baby"),
        ]
        asked = ask(
            shop,
            Offer(key="cat", skus=("cat-new",)),
            Offer(key="baby", skus=("baby-new",)),
        )
        right = 0
        for customer in shop.customers:
            found = recommend(
                trained, shop.purchases, [customer], [*shop.products, *fresh], asked
            )
            by_offer = scores(list(found))
            likes_cats = customer.id % 2 == 0
            right += (by_offer["cat"] > by_offer["baby"]) == likes_cats
        assert right >= 0.9 * len(shop.customers)

    def test_heeds_declared_interests_and_then_the_first_basket(
        self, trained: Trained, shop: Shop
    ) -> None:
        trained = replace(trained, config=replace(trained.config, top=13))
        nobody = suggestions(trained, shop, NOBODY)
        told = suggestions(trained, shop, replace(NOBODY, interests=("Pets",)))
        nappies = Purchase(
            customer=900,
            product="Nappies-1",
            day=shop.tomorrow - timedelta(days=1),
            quantity=1,
            value=999,
        )
        member = replace(NOBODY, interests=("Pets",))
        after = suggestions(trained, shop, member, more=(nappies,))
        assert {s.reason["kind"] for s in nobody[:4]} == {"popular"}
        assert not CATS & {s.offer for s in nobody[:4]}
        first = next(s for s in told if s.offer in CATS)
        assert first.score > 1.2 * scores(nobody)[first.offer]
        assert first.reason == {"kind": "interest", "category": "Pets"}
        assert scores(told)["Nappies"] < scores(told)["Cat food"]
        assert scores(after)["Nappies"] > scores(after)["Cat food"]
        reason = next(s.reason for s in after if s.offer == "Nappies")
        assert reason == {
            "kind": "bought_before",
            "category": "Nappies",
            "times": 1,
            "last": nappies.day.isoformat(),
        }

    def test_prefers_the_very_products_to_others_of_their_category(
        self, trained: Trained, shop: Shop
    ) -> None:
        rows = tuple(
            Purchase(
                customer=900,
                product="Cat food-1",
                day=shop.tomorrow - timedelta(days=ago),
                quantity=1,
                value=100,
            )
            for ago in (2, 9, 16)
        )
        asked = ask(
            shop,
            Offer(key="other", skus=("Cat food-2",)),
            Offer(key="same", skus=("Cat food-1",)),
            Offer(key="any", categories=("Cat food",)),
        )
        found = {s.offer: s for s in suggestions(trained, shop, NOBODY, asked, rows)}
        assert min(found["same"].score, found["any"].score) > found["other"].score
        assert found["other"].reason["category"] == "Cat food"
        assert {key: one.fresh for key, one in found.items()} == {
            "other": True,
            "same": False,
            "any": False,
        }

    def test_heeds_an_interest_in_an_offer_for_some_products(
        self, trained: Trained, shop: Shop
    ) -> None:
        asked = ask(
            shop, Offer(key="a", skus=("Wipes-1",)), Offer(key="b", skus=("Cakes-1",))
        )
        fond = replace(NOBODY, interests=("Wipes",))
        found = suggestions(trained, shop, fond, asked)
        before = scores(suggestions(trained, shop, NOBODY, asked))
        after = {s.offer: s for s in found}
        assert after["a"].score > 1.5 * before["a"]
        assert after["a"].reason == {"kind": "interest", "category": "Wipes"}
        assert after["b"].score < 1.2 * before["b"]

    def test_keeps_a_place_for_something_new(
        self, trained: Trained, shop: Shop
    ) -> None:
        for customer in shop.customers[:20]:
            found = suggestions(trained, shop, customer)
            assert any(s.fresh for s in found[:4])

    def test_can_do_without_that_place(self, trained: Trained, shop: Shop) -> None:
        plain = replace(trained, config=replace(trained.config, discovery_every=0))
        for customer in shop.customers[:20]:
            found = [s.score for s in suggestions(plain, shop, customer)]
            assert found == sorted(found, reverse=True)

    def test_never_names_or_uses_what_is_sensitive(
        self, trained: Trained, shop: Shop
    ) -> None:
        everyone = replace(trained, config=replace(trained.config, top=100))
        interested = replace(shop.customers[0], interests=("Beer", "Drinks"))
        found = suggestions(everyone, shop, interested)
        said = {s.offer for s in found} | {s.reason.get("category") for s in found}
        assert "Beer" not in said
        assert len({s.offer for s in found}) == 13
        assert not any("Beer" in name for name in trained.space.customer.names)
        assert not any("Beer" in name for name in trained.space.item.names)

    def test_leaves_out_offers_with_nothing_that_may_be_recommended(
        self, trained: Trained, shop: Shop
    ) -> None:
        asked = ask(
            shop,
            Offer(key="beer", skus=("Beer-1",)),
            Offer(key="none"),
            Offer(key="gone", skus=("nothing",), categories=("Nothing",)),
            Offer(key="party", skus=("Beer-1", "Juice-1")),
        )
        found = suggestions(trained, shop, shop.customers[0], asked)
        assert [s.offer for s in found] == ["party"]

    def test_heeds_exclusions_made_after_training(
        self, trained: Trained, shop: Shop
    ) -> None:
        config = replace(trained.config, excluded_categories=("Milk",), top=100)
        found = suggestions(replace(trained, config=config), shop, shop.customers[0])
        said = {s.offer for s in found} | {s.reason.get("category") for s in found}
        assert "Milk" not in said
        assert len(found) == 12

    def test_learns_at_once_from_not_for_me(self, trained: Trained, shop: Shop) -> None:
        offers = (
            Offer(key="milk", categories=("Milk",)),
            Offer(key="more milk", skus=("Milk-2",)),
            Offer(key="bread", categories=("Bread",)),
        )
        customer = shop.customers[0]
        no = Response(
            customer=customer.id,
            offer="milk",
            answer=Answer.NOT_FOR_ME,
            day=shop.tomorrow,
            categories=("Milk",),
        )
        before = suggestions(trained, shop, customer, ask(shop, *offers))
        after = suggestions(
            trained, shop, customer, ask(shop, *offers, responses=(no,))
        )
        assert {s.offer for s in before} == {"milk", "more milk", "bread"}
        assert {s.offer for s in after} == {"more milk", "bread"}
        less = 1 - trained.config.dismissal_penalty
        expected = scores(before)["more milk"] * less
        assert scores(after)["more milk"] == pytest.approx(expected, rel=1e-3)
        assert scores(after)["bread"] == scores(before)["bread"]

    def test_ignores_other_answers_and_other_customers(
        self, trained: Trained, shop: Shop
    ) -> None:
        customer = shop.customers[0]
        answers = tuple(
            Response(
                customer=who,
                offer="Milk",
                answer=answer,
                day=shop.tomorrow,
                categories=("Milk",),
            )
            for who, answer in (
                (customer.id, Answer.SEEN),
                (customer.id, Answer.REDEEMED),
                (2, Answer.NOT_FOR_ME),
                (12345, Answer.NOT_FOR_ME),
            )
        )
        asked = ask(shop, responses=answers)
        found = suggestions(trained, shop, customer, asked)
        assert found == suggestions(trained, shop, customer)

    def test_does_not_look_into_the_future(self, trained: Trained, shop: Shop) -> None:
        asked = Ask(day=FIRST)
        found = suggestions(trained, shop, shop.customers[0], asked)
        assert {s.reason["kind"] for s in found} <= {"popular", "chosen"}

    def test_recommends_nothing_to_nobody(self, trained: Trained, shop: Shop) -> None:
        found = recommend(trained, shop.purchases, [], shop.products, ask(shop))
        assert list(found) == []


class TestEvaluate:
    def test_compares_all_models_on_the_same_customers(
        self, shop: Shop, config: Config
    ) -> None:
        report = evaluate(
            shop.purchases,
            shop.customers,
            shop.products,
            config,
            [date(2026, 4, 23), date(2026, 5, 14)],
        )
        assert report.cutoffs == ("2026-04-23", "2026-05-14")
        models = ["popularity", "own frequency", "LightFM history"]
        models += ["LightFM + own frequency", "re-ranker"]
        assert [row.model for row in report.ranking if row.segment == ALL] == models
        assert [row.model for row in report.ranking if row.segment == FRESH] == models
        by_model = {row.model: row for row in report.ranking if row.segment == ALL}
        assert {row.households for row in by_model.values()} == {120}
        assert by_model["own frequency"].ndcg > 0.7
        fresh = {row.model: row for row in report.ranking if row.segment == FRESH}
        assert fresh["own frequency"].ndcg == fresh["popularity"].ndcg
        for row in report.ranking:
            assert 0 <= row.low <= row.ndcg <= row.high <= 1

    def test_never_shows_the_future_to_a_model(
        self, shop: Shop, config: Config
    ) -> None:
        """Cutting the purchases off at the end of the window changes nothing."""
        cutoff = date(2026, 3, 1)
        whole = evaluate(
            shop.purchases, shop.customers, shop.products, config, [cutoff]
        )
        kept = np.flatnonzero(
            shop.purchases.days < (cutoff - date(1970, 1, 1)).days + config.window_days
        )
        columns = {
            name: getattr(shop.purchases, name)[kept]
            for name in ("customers", "products", "days", "quantities", "values")
        }
        less = Purchases(**columns, skus=shop.purchases.skus)
        again = evaluate(less, shop.customers, shop.products, config, [cutoff])
        assert replace(again, data=whole.data) == whole
