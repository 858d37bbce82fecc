"""The front door: train, evaluate, recommend."""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from recommender.config import Config
from recommender.data import (
    NO_PAST,
    Ask,
    Customer,
    Past,
    Product,
    Purchases,
    Suggestion,
)
from recommender.evaluation import Material, Report, evaluate_cutoffs
from recommender.explanation import Explainer
from recommender.features import Audience
from recommender.scoring import (
    Scene,
    Scored,
    describe_audience,
    in_blocks,
    in_slots,
    score_audience,
)
from recommender.training import Progress, Trained, fit, prepare
from recommender.training.campaigns import Shop, teach_redemption
from recommender.training.trials import teach_uplift


def quiet(_step: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def train(
    purchases: Purchases,
    customers: Sequence[Customer],
    products: Sequence[Product],
    config: Config,
    progress: Progress = quiet,
    past: Past = NO_PAST,
) -> Trained:
    """
    Train on all of the purchases, as of the day after the last one.

    :param past: campaigns from which is learned who redeems what, and what it changes
    :raises NothingToLearn: if no purchase is of a product that may be recommended
    """
    lesson = prepare(purchases, customers, products, config)
    trained = fit(lesson, config, progress)
    if not past.campaigns:
        return trained
    shop = Shop.of(lesson, purchases)
    taught = teach_redemption(trained, shop, past, progress)
    return teach_uplift(taught, shop, past)


def evaluate(
    purchases: Purchases,
    customers: Sequence[Customer],
    products: Sequence[Product],
    config: Config,
    cutoffs: Sequence[date],
    progress: Progress = quiet,
) -> Report:
    """
    Train before each cut-off and rank what each customer bought after it.

    After means ``config.window_days`` from the cut-off's own day on. All models see
    the same past and are judged on the same customers: those who bought anything.

    :raises NothingToLearn: if nothing was bought before a cut-off
    """
    material = Material(purchases=purchases, customers=customers, products=products)
    return evaluate_cutoffs(material, config, cutoffs, progress)


def recommend(
    trained: Trained,
    purchases: Purchases,
    customers: Sequence[Customer],
    products: Sequence[Product],
    ask: Ask,
    progress: Progress = quiet,
) -> Iterator[Suggestion]:
    """
    Give each customer's best offers with reasons, ``config.top`` at most.

    Customers, products and offers may be newer than the model: a customer is
    described by the purchases and interests given here, an offer by its products.
    Settings that need no training (``top``, ``discovery_share``, what is excluded,
    dismissals) are taken from ``trained.config`` and may be replaced there. An
    offer without a product in the catalogue, or with excluded ones only, is left
    out.
    """
    scene = Scene.of(trained, products, ask)
    explainer = Explainer(
        trained=trained, catalogue=scene.catalogue, targets=scene.targets
    )
    done = 0
    for people in in_blocks(customers, purchases):
        progress("customers", done, len(customers))
        audience = describe_audience(
            trained, people.purchases, people.customers, scene.catalogue, scene.day
        )
        scored = score_audience(trained, scene, audience)
        yield from _suggestions(scored, explainer, audience, people.customers)
        done += len(people.customers)
    progress("customers", done, len(customers))


def _suggestions(
    scored: Scored,
    explainer: Explainer,
    audience: Audience,
    customers: Sequence[Customer],
) -> Iterator[Suggestion]:
    """Choose the first few and put reasons to them."""
    config = explainer.trained.config
    chosen = in_slots(scored, config.top, config.discovery_every)
    rows, ranks = (found.astype(np.int32) for found in np.nonzero(chosen >= 0))
    columns = chosen[rows, ranks]
    places = scored.places[rows, columns]
    explained = explainer.explain(audience, customers, rows, places)
    for pair, (row, column) in enumerate(zip(rows, columns, strict=True)):
        yield Suggestion(
            customer=customers[int(row)].id,
            offer=explainer.targets.keys[int(places[pair])],
            rank=int(ranks[pair]) + 1,
            score=float(scored.probability[row, column]),
            value=float(scored.value[row, column]),
            fresh=bool(scored.fresh[row, column]),
            reason=explained.reasons[pair],
            version=explainer.trained.version,
            parts=explained.as_dict(pair),
        )
