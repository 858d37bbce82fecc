from dataclasses import replace
from datetime import date

import numpy as np

from recommender.data import Answer, Offer, Past, PastCampaign, Response, day_number
from recommender.models.redemption import Tally
from recommender.training.campaigns import Shop as Records

START = date(2026, 3, 1)
MAILING = PastCampaign(
    code="M",
    kind="mailing",
    start=START,
    end=date(2026, 3, 29),
    customers=(3, 5),
    offers=(
        Offer(key="cats", categories=("Cat food", "Cat toys")),
        Offer(key="milk", skus=("Milk-1",)),
        Offer(key="beer", categories=("Beer",)),
    ),
)


def answer(
    offer: str, *, customer: int = 5, day: date = date(2026, 3, 10), **parts: Answer
) -> Response:
    kind = parts.get("answer", Answer.REDEEMED)
    return Response(customer=customer, offer=offer, answer=kind, day=day, campaign="M")


def tally(records: Records, *responses: Response, day: date) -> Tally:
    past = Past(campaigns=(MAILING,), responses=responses)
    lesson = records.lesson
    return Tally.of(past, lesson.catalogue, lesson.space, day=day_number(day))


class TestTally:
    def test_counts_what_customers_did(self, records: Records) -> None:
        found = tally(
            records,
            answer("cats"),
            answer("milk", day=date(2026, 3, 12)),
            answer("cats", customer=3, answer=Answer.NOT_FOR_ME),
            day=date(2026, 3, 20),
        ).of_customers(np.array([3, 4, 5]))

        assert found.reached.tolist() == [1, 0, 1]
        assert found.redeemed.tolist() == [0, 0, 2]
        assert found.answering.tolist() == [0, 0, 1]
        assert found.since.tolist() == [999, 999, 8]
        items = records.lesson.space.items.positions
        liked, refused = found.liked.toarray(), found.refused.toarray()
        assert liked[2, items["Cat food"]] == 0.5
        assert liked[2, items["Milk"]] == 1
        assert refused[0, items["Cat toys"]] == 0.5
        assert liked.sum() == 2
        assert refused.sum() == 1

    def test_knows_nothing_of_the_day_itself_and_later(self, records: Records) -> None:
        found = tally(records, answer("cats"), day=date(2026, 3, 10))
        assert found.counts.redeemed.tolist() == [0, 0]

    def test_has_nothing_of_excluded_categories(self, records: Records) -> None:
        found = tally(records, answer("beer"), day=date(2026, 3, 20))
        assert "Beer" not in records.lesson.space.items.positions
        assert found.counts.liked.sum() == 0

    def test_spreads_an_answer_to_an_own_offer_over_its_categories(
        self, records: Records
    ) -> None:
        own = replace(answer("gone"), campaign="", categories=("Baby", "Beer"))
        found = tally(records, own, day=date(2026, 3, 20)).counts.liked.toarray()
        items = records.lesson.space.items.positions
        assert found[1, items["Wipes"]] == np.float32(1 / 3)
        assert found.sum() == 1

    def test_is_empty_where_nothing_has_happened(self, records: Records) -> None:
        lesson = records.lesson
        found = Tally.of(Past(), lesson.catalogue, lesson.space, day=20_000)
        mine = found.of_customers(np.array([1, 2]))
        assert mine.reached.tolist() == [0, 0]
        assert mine.liked.shape == (2, len(lesson.space.items))
