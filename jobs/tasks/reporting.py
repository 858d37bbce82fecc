"""What an allocation came to, as the report of its run; money in minor units."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from jobs.tasks.choosing import Choice
from jobs.tasks.desks import Desk
from loyalty.offers.values import Aim
from loyalty.usecases import plan_campaign as planning
from recommender.allocation import Limits, WhyNothing


def report_of(
    desk: Desk,
    opened: planning.Opened,
    choice: Choice,
    limits: Limits,
    *,
    currency: str,
) -> dict[str, Any]:
    """Say what an allocation came to; money in minor units."""
    allocation, candidates = choice.allocation, choice.candidates
    fresh = candidates.fresh[allocation.chosen]
    served = int(np.count_nonzero(allocation.nothing == WhyNothing.SOMETHING))
    why = choice.nothing.values()
    return {
        "currency": currency,
        "customers": len(opened.customers),
        "held_out": opened.held_out,
        "served": served,
        "offers": len(allocation.chosen),
        "value": round(allocation.value, 2),
        "bound": round(allocation.bound, 2),
        "gap": round(choice.best.gap, 6),
        "explored": round(_given_up(choice), 6),
        "cost": round(float(allocation.usage.costs.sum()), 2),
        "by_aim": {
            Aim.DISCOVERY.value: int(fresh.sum()),
            Aim.REWARD.value: int((~fresh).sum()),
        },
        "nothing": {cause.value: list(why).count(cause) for cause in sorted(set(why))},
        "binding": dict(allocation.binding),
        "limits": _limits(desk, choice, limits),
        "by_promotion": {
            code: int(count)
            for code, count in zip(
                desk.scene.targets.keys, allocation.usage.offers.tolist(), strict=True
            )
        },
    }


def _given_up(choice: Choice) -> float:
    """Return which share of the value is given up to learn from chance."""
    best = choice.best.value
    return max(0.0, 1 - choice.allocation.value / best) if best > 0 else 0.0


def _limits(desk: Desk, choice: Choice, limits: Limits) -> list[Mapping[str, Any]]:
    """Return the limits that cost value: what was left, used, and one more's worth."""
    prices, usage = choice.allocation.prices, choice.allocation.usage
    found: list[Mapping[str, Any]] = []
    for place, code in enumerate(desk.scene.targets.keys):
        for kind, price, left, gone in (
            ("offers", prices.offers, limits.caps, usage.offers),
            ("money", prices.money, limits.budgets, usage.costs),
        ):
            if price[place] > 0 and np.isfinite(left[place]):
                found.append(
                    {
                        "promotion": code,
                        "kind": kind,
                        "left": float(left[place]),
                        "used": float(gone[place]),
                        "worth": round(float(price[place]), 4),
                    }
                )
    return found
