"""What comes out of training, and what it can be asked."""

from dataclasses import dataclass

import numpy as np

from recommender.config import Config
from recommender.data import BoolArray, FloatArray, IntArray
from recommender.features import Audience, Space, Targets
from recommender.features.pairs import GROUPS, events_of
from recommender.models.base import Model
from recommender.models.frequency import Frequency
from recommender.models.hybrid import Hybrid
from recommender.models.mixed import Mixed
from recommender.models.popularity import Popularity
from recommender.models.ranker import Ranker
from recommender.models.redemption import (
    Redeemed,
    Redemption,
    Terms,
    added_up,
    redemption_table,
    valued,
)
from recommender.models.uplift import Uplift

_STEEP, _MIDDLE = 6.0, 0.8
"""How a mixed score is taken for a probability where there is no re-ranker."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Ranked:
    """
    Targets for each customer: (customers, k), all three of them.

    ``places`` say which target; ``probability``: that the customer buys what it is
    for within ``config.window_days``; ``fresh``: the customer has never bought any
    of the products it is for.
    """

    places: IntArray
    probability: FloatArray
    fresh: BoolArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Trained:
    """A trained recommender, before or after it was stored."""

    config: Config
    space: Space
    items: Targets
    popularity: Popularity
    hybrid: Hybrid
    ranker: Ranker | None
    first_day: int
    last_day: int
    customers: int
    events: int
    version: str = ""
    redeemer: Redemption | None = None
    """None where past campaigns have too few redemptions to learn from."""
    uplift: Uplift | None = None
    """None where no past holdout tells how much offers change."""

    @property
    def frequency(self) -> Frequency:
        """What customers buy anyway."""
        return Frequency(popularity=self.popularity)

    @property
    def mixed(self) -> Mixed:
        """What ranks where there is too little data for the re-ranker."""
        return Mixed(
            hybrid=self.hybrid,
            items=self.items,
            discovery_share=self.config.discovery_share,
        )

    @property
    def models(self) -> tuple[Model, ...]:
        """All models, the baselines first."""
        found = (self.popularity, self.frequency, self.hybrid, self.mixed)
        return found if self.ranker is None else (*found, self.ranker)

    @property
    def best(self) -> Model:
        """The model that ranks offers."""
        return self.mixed if self.ranker is None else self.ranker

    def rank(
        self, audience: Audience, targets: Targets, places: IntArray | None = None
    ) -> Ranked:
        """
        Say how probable it is that each customer buys what each target is for.

        :param places: (customers, k), which targets; all of them where it is None
        """
        if places is None:
            everything = np.arange(len(targets), dtype=np.int32)
            places = np.tile(everything, (len(audience), 1))
        where = places.astype(np.int64)
        events = events_of(audience, targets)
        fresh = np.ones((len(audience), len(targets)), bool)
        fresh[events.customers, events.items] = False
        if self.ranker is None:
            mixed = np.take_along_axis(self.mixed.score(audience, targets), where, 1)
            probability = 1 / (1 + np.exp(-_STEEP * (mixed - _MIDDLE)))
        else:
            raw = self.ranker.raw(audience, targets, places)
            probability = self.ranker.probability(raw)
        return Ranked(
            places=places,
            probability=np.asarray(probability, np.float32),
            fresh=np.take_along_axis(fresh, where, 1),
        )

    def redemption(
        self, audience: Audience, targets: Targets, ranked: Ranked, terms: Terms
    ) -> Redeemed:
        """
        Say how probable a redemption of each ranked place is, and what it is worth.

        Where too little is known of redemptions, buying stands for redeeming; where
        no holdout tells how much an offer changes, all of what it brings counts.

        :param ranked: from :meth:`rank`; a place of -1 is none
        """
        probability = ranked.probability
        if self.redeemer is not None and self.ranker is not None:
            table = redemption_table(
                self.ranker,
                audience,
                targets,
                terms,
                places=ranked.places,
                buyers=added_up(targets, self.redeemer.reach, self.popularity.buyers),
            )
            probability = self.redeemer.probability(table)
        added = None
        if self.uplift is not None:
            kinds = [offer.kind for offer in terms.offers]
            added = self.uplift.of(kinds, ranked.probability, ranked.places)
        return valued(probability, added, terms.worth, ranked.places)

    def parts(
        self, audience: Audience, targets: Targets, rows: IntArray, places: IntArray
    ) -> tuple[FloatArray, FloatArray]:
        """
        Say what each pair's score comes from, by ``GROUPS``.

        :param rows: (n), which customer; :param places: (n), which target
        :return: (n, groups), and the base (n): a row's parts and its base add up to
            the raw score, which is the log-odds of a purchase before calibration
        """
        if self.ranker is not None:
            return self.ranker.parts(audience, targets, rows, places, self.items)
        share = np.float32(self.config.discovery_share)
        both = self.mixed.parts(audience, targets)
        parts = np.zeros((len(rows), len(GROUPS)), np.float32)
        own = _STEEP * (1 - share) * both.own[rows, places]
        days = np.maximum(audience.days(targets)[rows, places], np.float32(1e-9))
        wanted = (audience.wishes @ targets.shares.T).toarray()[rows, places]
        parts[:, GROUPS.index("wishes")] = own * wanted / days
        parts[:, GROUPS.index("habit")] = own - parts[:, GROUPS.index("wishes")]
        taste = _STEEP * share * both.discovery[rows, places]
        parts[:, GROUPS.index("taste")] = taste
        return parts, np.full(len(rows), -_STEEP * _MIDDLE, np.float32)
