"""What is the same for every customer: the catalogue, the targets, the day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from recommender.data import Ask, Product, Response
from recommender.dataset import Catalogue
from recommender.features import Targets, item_offers
from recommender.training import Trained


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scene:
    """
    What is to be scored, made once; ``targets.keys`` are what places point to.

    Offers with nothing in the catalogue, or with excluded products only, are no
    targets. ``answers`` are the responses by customer.
    """

    catalogue: Catalogue
    targets: Targets
    day: date
    answers: Mapping[int, Sequence[Response]]

    @classmethod
    def of(cls, trained: Trained, products: Sequence[Product], ask: Ask) -> Self:
        """Return the scene; products and offers may be newer than the model."""
        catalogue = Catalogue.of(
            products, config=trained.config, items=trained.space.items
        )
        offers = item_offers(catalogue) if ask.offers is None else ask.offers
        answers: dict[int, list[Response]] = {}
        for response in ask.responses:
            answers.setdefault(response.customer, []).append(response)
        return cls(
            catalogue=catalogue,
            targets=Targets.of(offers, catalogue, trained.space),
            day=ask.day,
            answers=answers,
        )
