"""What an offer to a customer is worth to the shop."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.data import FloatArray, IntArray, Offer


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Redeemed:
    """
    What is expected of offers: (customers, k), all of them.

    ``probability`` of a redemption; ``incremental``: how much more probable the
    purchase becomes by the offer, None where no past holdout allows an estimate;
    ``cost``: what the offer is expected to give away; ``value``: what it is expected
    to bring, less its cost. Money is in minor units; where no offer has facts, a
    redemption is worth 1.
    """

    probability: FloatArray
    incremental: FloatArray | None
    cost: FloatArray
    value: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Worth:
    """``margin`` and ``cost`` of one redemption, by target."""

    margin: FloatArray
    cost: FloatArray

    @classmethod
    def of(cls, offers: Sequence[Offer], worth: int | None = None) -> Self:
        """
        Return what one redemption of each offer earns and costs.

        It earns its margin, if all of the offers have one, for a margin does not
        compare with a price; else what the campaign says that it is worth; else its
        price, if all have one; else 1, and then nothing costs anything.

        :param worth: what the campaign says, in minor units
        """
        costs = [offer.cost or 0 for offer in offers]
        margins = [offer.margin or 0 for offer in offers]
        if any(offer.margin is None for offer in offers):
            if worth is not None:
                margins = [worth] * len(offers)
            elif all(offer.price is not None for offer in offers):
                margins = [offer.price or 0 for offer in offers]
            else:
                margins, costs = [1] * len(offers), [0] * len(offers)
        return cls(
            margin=np.array(margins, np.float32), cost=np.array(costs, np.float32)
        )


def valued(
    probability: FloatArray,
    incremental: FloatArray | None,
    worth: Worth,
    places: IntArray,
) -> Redeemed:
    """
    Return value = probability * margin - cost; a redemption is paid for, whoever.

    Where it is known how much the offer changes, only that counts as earned:
    incremental * margin - probability * cost.

    :param places: (customers, k), which target; at -1 all numbers are 0
    """
    there = places >= 0
    at = np.maximum(places, 0)
    probability = np.where(there, probability, 0).astype(np.float32)
    if incremental is not None:
        incremental = np.where(there, incremental, 0).astype(np.float32)
    cost = (probability * worth.cost[at]).astype(np.float32)
    brings = probability if incremental is None else incremental
    return Redeemed(
        probability=probability,
        incremental=incremental,
        cost=cost,
        value=(brings * worth.margin[at] - cost).astype(np.float32),
    )
