"""Reasons for many pairs of a customer and a target at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from recommender.data import BoolArray, Customer, FloatArray, IntArray
from recommender.dataset import Catalogue
from recommender.explanation.entries import heaviest, values_at
from recommender.explanation.neighbours import Company
from recommender.explanation.purchases import Bought, own_items
from recommender.explanation.taste import Taste, Taster
from recommender.explanation.values import VOICES, Explained, Reason
from recommender.features import Audience, Targets
from recommender.features.pairs import GROUPS
from recommender.training import Trained

VOICE_NAMES = tuple(VOICES)
CHOSEN: Reason = {"kind": "chosen"}
POPULAR: Reason = {"kind": "popular"}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Told:
    """Of some pairs (n): what could be said of each, worked out for all at once."""

    bought: Bought
    wished: IntArray
    """The item of the target that the customer declared most; -1: none."""

    taste: Taste
    liked: Bought
    """What was bought of the item that leads the taste."""

    itself: BoolArray
    """Whether that item is one that the target is for."""

    company: Bought
    """What was bought of the item that leads the neighbours."""

    among: BoolArray
    """Whether that item is one that the target is for."""

    in_time: BoolArray
    """Whether the time since they bought it raises the score."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Explainer:
    """
    Gives reasons for the scores of a model; made once for all blocks.

    A reason follows the voice with the greatest part in the score, against what is
    usual for the customer, among those of which something can be said. So it is true
    twice: of what the customer did, and of what the model made of it.
    """

    trained: Trained
    catalogue: Catalogue
    targets: Targets
    _taster: Taster = field(init=False)
    _company: Company = field(init=False)

    def __post_init__(self) -> None:
        """Prepare what all blocks need."""
        trained = self.trained
        taster = Taster.of(trained.hybrid, trained.space, trained.items)
        models = () if trained.ranker is None else trained.ranker.inputs
        company = Company.of(models, len(trained.space.items))
        object.__setattr__(self, "_taster", taster)
        object.__setattr__(self, "_company", company)

    def explain(
        self,
        audience: Audience,
        customers: Sequence[Customer],
        rows: IntArray,
        places: IntArray,
    ) -> Explained:
        """
        Explain pairs.

        :param customers: go with the rows of the audience
        :param rows: (n), which customer; :param places: (n), which target
        """
        parts, base = self.trained.parts(audience, self.targets, rows, places)
        told = self._told(audience, rows, places, parts)
        led = self._leading(parts, told)
        reasons = tuple(
            self._reason(pair, int(voice), told, customers[int(row)])
            for pair, (voice, row) in enumerate(zip(led, rows, strict=True))
        )
        return Explained(reasons=reasons, parts=parts, base=base)

    def _told(
        self, audience: Audience, rows: IntArray, places: IntArray, parts: FloatArray
    ) -> Told:
        history, shares = audience.history, self.targets.shares[places]
        own, _ = own_items(history.decayed[rows], shares)
        wished, _ = heaviest(audience.wishes[rows].multiply(shares).tocsr())
        pairs = np.arange(len(rows), dtype=np.int32)
        company = self._company.leading(audience, self.targets, rows, places)
        taste = self._taster.taste(audience, self.targets, rows, places)
        return Told(
            bought=Bought.of(history, rows, own),
            wished=wished,
            taste=taste,
            liked=Bought.of(history, rows, taste.items),
            itself=values_at(shares, pairs, taste.items) > 0,
            company=Bought.of(history, rows, company),
            among=values_at(shares, pairs, company) > 0,
            in_time=parts[:, GROUPS.index("rhythm")] > 0,
        )

    def _leading(self, parts: FloatArray, told: Told) -> IntArray:
        """Return the number of each pair's voice; -1: nothing raises it."""
        sayable = {
            "own": told.bought.items >= 0,
            "wishes": told.wished >= 0,
            "taste": np.ones(len(parts), bool),
            "neighbours": told.company.items >= 0,
            "popular": np.ones(len(parts), bool),
        }
        weighed = np.stack(
            [
                np.where(
                    sayable[voice],
                    parts[:, [GROUPS.index(name) for name in groups]].sum(axis=1),
                    -np.inf,
                )
                for voice, groups in VOICES.items()
            ],
            axis=1,
        )
        best = weighed.argmax(axis=1).astype(np.int32)
        return np.where(weighed.max(axis=1) > 0, best, -1).astype(np.int32)

    def _reason(self, pair: int, voice: int, told: Told, customer: Customer) -> Reason:
        """Say what leads."""
        match VOICE_NAMES[voice] if voice >= 0 else None:
            case "own":
                return self._deed(pair, told.bought, in_time=bool(told.in_time[pair]))
            case "wishes":
                return self._wish(customer, int(told.wished[pair]))
            case "taste":
                return self._liking(pair, told, customer)
            case "neighbours":
                return self._company_of(pair, told)
            case "popular":
                return POPULAR
            case _:
                return CHOSEN

    def _deed(self, pair: int, bought: Bought, *, in_time: bool) -> Reason:
        name = self._name(int(bought.items[pair]))
        return bought.reason(pair, name, in_time=in_time)

    def _wish(self, customer: Customer, item: int) -> Reason:
        return {"kind": "interest", "category": self._declared(customer, item) or ""}

    def _liking(self, pair: int, told: Told, customer: Customer) -> Reason:
        """Say what LightFM made its score of: perhaps the target's own item."""
        item = int(told.taste.items[pair])
        if not told.taste.led[pair]:
            return POPULAR
        done = int(told.liked.items[pair]) >= 0
        if told.itself[pair] and done:
            return self._deed(pair, told.liked, in_time=False)
        declared = self._declared(customer, item)
        if declared is not None:
            return {"kind": "interest", "category": declared}
        return {"kind": "similar_to", "category": self._name(item)} if done else CHOSEN

    def _company_of(self, pair: int, told: Told) -> Reason:
        """Say what joins them with others: perhaps that they all buy the same."""
        if told.among[pair]:
            return self._deed(pair, told.company, in_time=False)
        name = self._name(int(told.company.items[pair]))
        return {"kind": "others_like_you", "category": name}

    def _declared(self, customer: Customer, item: int) -> str | None:
        """Find the declared interest that the item is in."""
        named = (n for n in customer.interests if item in self.catalogue.items_in(n))
        return next(named, None)

    def _name(self, item: int) -> str:
        return self.trained.space.items.names[item]
