"""Past campaigns with what each model says of them, as of their start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from recommender.config import Config
from recommender.data import BoolArray, FloatArray, Past, day_number
from recommender.evaluation.material import Material
from recommender.models.redemption import FEATURES, Table
from recommender.models.redemption.learning import Lessons, fit_redemption
from recommender.models.redemption.table import WHO
from recommender.training import Progress, Trained, fit
from recommender.training.campaigns import (
    Scene,
    Shop,
    as_known,
    joined,
    lessons_of,
    stage,
    table_of,
)

RANDOM: Final = "random"
POPULARITY: Final = "popularity"
LIGHTFM: Final = "LightFM, mean over the products"
OWN: Final = "own purchases, 28 days"
WITHOUT: Final = "redemption without LightFM"
MODEL: Final = "redemption"
PAST_USE: Final = "past use alone"

_TASTE: Final = ("LightFM history", "buying")
"""Features that have LightFM in them."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Staged:
    """A campaign to judge: ``scores`` of each model (customers, targets)."""

    scene: Scene
    scores: Mapping[str, FloatArray]
    who: Mapping[str, FloatArray]
    """(customers), who will use anything."""

    @property
    def used(self) -> BoolArray:
        """Return (customers): who used anything."""
        return np.asarray(self.scene.redeemed.any(axis=1))


def staged(
    material: Material, config: Config, first: int, progress: Progress
) -> list[Staged]:
    """
    Return each campaign from the day ``first`` on, with what the models say of it.

    :raises NothingToLearn: if nothing was bought before the day
    """
    campaigns = sorted(material.campaigns, key=lambda one: (one.start, one.code))
    if not any(day_number(one.start) >= first for one in campaigns):
        return []
    lesson = material.lesson(config)
    trained = fit(lesson.before(first), config, progress)
    if trained.ranker is None:
        return []
    past = Past(campaigns=campaigns, responses=material.responses)
    shop = Shop.of(lesson, material.purchases)
    chance = np.random.default_rng(config.seed)
    seen: list[tuple[Scene, Table]] = []
    found = []
    for number, campaign in enumerate(campaigns):
        progress("past campaigns", number, len(campaigns))
        scene = stage(trained, shop, past, campaign, chance)
        if scene is None:
            continue
        table = table_of(trained, trained.ranker, shop, scene)
        day = day_number(campaign.start)
        if day >= first:
            lessons = _known(shop, past, seen, day)
            one = _scored(trained, scene, table, lessons)
            found += [] if one is None else [one]
        seen.append((scene, table))
    progress("past campaigns", len(campaigns), len(campaigns))
    return found


def _known(
    shop: Shop, past: Past, seen: Sequence[tuple[Scene, Table]], day: int
) -> Lessons | None:
    """Return what could be learned on the day of the campaigns before."""
    found = []
    for scene, table in seen:
        known = as_known(scene, shop, past, day)
        if known is not None:
            found.append(lessons_of(known, table))
    return joined(found) if found else None


def _scored(
    trained: Trained, scene: Scene, table: Table, lessons: Lessons | None
) -> Staged | None:
    """Train, and let each model score the campaign's offers."""
    if lessons is None:
        return None
    blind = replace(lessons, pairs=_blind(lessons.pairs))
    model = fit_redemption(lessons, {}, trained.config)
    bare = fit_redemption(blind, {}, trained.config)
    if model is None or bare is None:
        return None
    return Staged(
        scene=scene,
        scores={
            **_baselines(trained, scene, table),
            WITHOUT: bare.raw(replace(table, pairs=_blind(table.pairs))),
            MODEL: model.raw(table),
        },
        who={
            PAST_USE: table.who[:, WHO.index("redeemed")],
            MODEL: model.who.log_odds(table.who),
        },
    )


def _baselines(trained: Trained, scene: Scene, table: Table) -> dict[str, FloatArray]:
    columns = {name: table.pairs[:, :, FEATURES.index(name)] for name in FEATURES}
    taste = trained.hybrid.score(scene.audience, scene.targets)
    chance = np.random.default_rng(trained.config.seed)
    return {
        RANDOM: chance.random(scene.made.shape, np.float32),
        POPULARITY: columns["buyers"],
        LIGHTFM: taste,
        OWN: columns["lines_28"],
    }


def _blind(pairs: FloatArray) -> FloatArray:
    """Return the features without what LightFM had a part in."""
    found = pairs.copy()
    found[..., [FEATURES.index(name) for name in _TASTE]] = 0
    return found
