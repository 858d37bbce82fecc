"""What is the same for every customer: the catalogue, the targets, the day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

import numpy as np

from recommender.data import Ask, LongArray, Offer, Past, Product, Response, day_number
from recommender.dataset import Catalogue
from recommender.features import Targets, item_offers
from recommender.models.redemption import Tally, Terms
from recommender.scoring.values import People
from recommender.training import Trained


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scene:
    """
    What is to be scored, made once; ``targets.keys`` are what places point to.

    Offers with nothing in the catalogue, or with excluded products only, are no
    targets; ``offers`` go with the targets. ``answers`` are the responses by customer
    and ``tally`` counts them; ``days``, ``choices`` and ``worth`` as in
    :class:`recommender.data.Ask`.
    """

    catalogue: Catalogue
    targets: Targets
    offers: Sequence[Offer]
    day: date
    answers: Mapping[int, Sequence[Response]]
    tally: Tally
    days: int
    choices: int
    worth: int | None

    @classmethod
    def of(cls, trained: Trained, products: Sequence[Product], ask: Ask) -> Self:
        """Return the scene; products and offers may be newer than the model."""
        space = trained.space
        catalogue = Catalogue.of(products, config=trained.config, items=space.items)
        offers = item_offers(catalogue) if ask.offers is None else ask.offers
        by_key = {offer.key: offer for offer in offers}
        targets = Targets.of(offers, catalogue, space)
        answers: dict[int, list[Response]] = {}
        for response in ask.responses:
            answers.setdefault(response.customer, []).append(response)
        past = Past(campaigns=ask.campaigns, responses=ask.responses)
        return cls(
            catalogue=catalogue,
            targets=targets,
            offers=[by_key[key] for key in targets.keys],
            day=ask.day,
            answers=answers,
            tally=Tally.of(past, catalogue, space, day=day_number(ask.day)),
            days=ask.days,
            choices=ask.choices,
            worth=ask.worth,
        )

    def terms(self, ids: LongArray) -> Terms:
        """Return what is offered, and what these customers did with earlier offers."""
        return Terms(
            offers=self.offers,
            days=self.days,
            choices=np.full(len(ids), self.choices, np.float32),
            answered=self.tally.of_customers(ids),
            redemption_worth=self.worth,
        )

    def only(self, people: People) -> "Scene":
        """Return no more than is needed for these people, to send it elsewhere."""
        ids = people.ids
        who = ids.tolist()
        return replace(
            self,
            catalogue=self.catalogue.only(people.purchases.skus),
            answers={one: self.answers[one] for one in who if one in self.answers},
            tally=Tally(ids=ids, counts=self.tally.of_customers(ids)),
        )
