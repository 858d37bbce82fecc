"""The front door: train, evaluate, recommend."""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from recommender.config import Config
from recommender.data import (
    Ask,
    Customer,
    Past,
    Product,
    Purchases,
    Suggestion,
    day_number,
)
from recommender.dataset import Catalogue
from recommender.evaluation import Material, Report, evaluate_cutoffs
from recommender.explanation import Explainer
from recommender.features import Audience, Targets, item_offers
from recommender.scoring import (
    BLOCK,
    Chosen,
    choose,
    describe_audience,
    dislikes,
)
from recommender.training import Progress, Trained, fit, prepare
from recommender.training.campaigns import Shop, teach_redemption

NO_PAST = Past()


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

    :param past: campaigns from which is learned who redeems what
    :raises NothingToLearn: if no purchase is of a product that may be recommended
    """
    lesson = prepare(purchases, customers, products, config)
    trained = fit(lesson, config, progress)
    shop = Shop.of(lesson, purchases)
    return teach_redemption(trained, shop, past, progress)


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
    config = trained.config
    catalogue = Catalogue.of(products, config=config, items=trained.space.items)
    offers = item_offers(catalogue) if ask.offers is None else ask.offers
    targets = Targets.of(offers, catalogue, trained.space)
    ordered = sorted(customers, key=lambda customer: customer.id)
    explainer = Explainer(trained=trained, catalogue=catalogue, targets=targets)
    for start in range(0, len(ordered), BLOCK):
        progress("customers", start, len(ordered))
        block = ordered[start : start + BLOCK]
        audience = describe_audience(trained, purchases, block, catalogue, ask.day)
        chosen = _choose(explainer, audience, ask)
        yield from _suggestions(chosen, explainer, audience, block)
    progress("customers", len(ordered), len(ordered))


def _choose(explainer: Explainer, audience: Audience, ask: Ask) -> Chosen:
    """Choose among the explainer's targets."""
    trained, targets = explainer.trained, explainer.targets
    disliked = dislikes(
        ask.responses,
        ids=audience.ids,
        targets=targets,
        catalogue=explainer.catalogue,
        day=day_number(ask.day),
        config=trained.config,
    )
    return choose(trained.mixed, audience, targets, disliked, trained.config)


def _suggestions(
    chosen: Chosen,
    explainer: Explainer,
    audience: Audience,
    customers: Sequence[Customer],
) -> Iterator[Suggestion]:
    """Put reasons to what was chosen."""
    rows, ranks = (found.astype(np.int32) for found in np.nonzero(chosen.targets >= 0))
    places = chosen.targets[rows, ranks].astype(np.int32)
    explained = explainer.explain(audience, customers, rows, places)
    for pair, (row, rank) in enumerate(zip(rows, ranks, strict=True)):
        yield Suggestion(
            customer=customers[int(row)].id,
            offer=explainer.targets.keys[places[pair]],
            rank=int(rank) + 1,
            score=float(chosen.scores[row, rank]),
            own=float(chosen.parts.own[row, rank]),
            discovery=float(chosen.parts.discovery[row, rank]),
            reason=explained.reasons[pair],
            version=explainer.trained.version,
            parts=explained.as_dict(pair),
        )
