"""What campaigns with a holdout say of how much their offers changed."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from recommender.data import BoolArray, Past, PastCampaign, day_number
from recommender.features import Targets
from recommender.features.pairs import events_of
from recommender.models.uplift import BANDS, Trial, Uplift, cells_of
from recommender.splitting import within
from recommender.training.campaigns import (
    MOST_CAMPAIGNS,
    Shop,
    known_rows,
    made_to,
)
from recommender.training.trained import Trained

MOST_PAIRS = 400_000
"""Of a larger campaign so many pairs are drawn, by customer."""


def teach_uplift(trained: Trained, shop: Shop, past: Past) -> Trained:
    """Return the recommender with how much offers change, if holdouts tell."""
    ended = [
        one
        for one in sorted(past.campaigns, key=lambda one: (one.start, one.code))
        if one.holdout and day_number(one.end) <= shop.lesson.day
    ][-MOST_CAMPAIGNS:]
    kinds = sorted({o.kind for one in ended for o in one.offers if o.kind is not None})
    found = []
    for number, campaign in enumerate(ended):
        trial = trial_of(trained, shop, campaign, kinds)
        if trial is not None:
            strata = trial.strata + number * (len(kinds) + 1) * (len(BANDS) + 1)
            found.append(replace(trial, strata=strata))
    if not found:
        return trained
    return replace(trained, uplift=Uplift.fit(_together(found), kinds))


def trial_of(
    trained: Trained, shop: Shop, campaign: PastCampaign, kinds: Sequence[str]
) -> Trial | None:
    """Return a campaign's pairs with what was bought while it lasted."""
    lesson, day = shop.lesson, day_number(campaign.start)
    targets = Targets.of(campaign.offers, lesson.catalogue, lesson.space)
    rows = known_rows(lesson, (*campaign.customers, *campaign.holdout))
    if not len(targets) or not len(rows):
        return None
    most = max(MOST_PAIRS // len(targets), 1)
    if len(rows) > most:
        chance = np.random.default_rng(trained.config.seed)
        rows = np.sort(chance.choice(rows, most, replace=False))
    audience = shop.audience(trained, rows, day)
    held_out = np.isin(audience.ids, np.array(campaign.holdout, np.int64))
    anyway = trained.rank(audience, targets).probability
    end = day_number(campaign.end)
    meanwhile = replace(
        audience,
        events=within(lesson.events, day, end).rows(rows),
        lines=within(shop.lines, day, end).rows(rows),
    )
    events = events_of(meanwhile, targets)
    bought = np.zeros(anyway.shape, bool)
    bought[events.customers, events.items] = True
    who, what = np.nonzero(_compared(shop, campaign, targets, rows, held_out))
    kind_of = {offer.key: offer.kind for offer in campaign.offers}
    place = {kind: number for number, kind in enumerate(kinds)}
    cells = cells_of(
        [kind_of[targets.keys[target]] for target in what.tolist()],
        anyway[who, what],
        place,
    )
    return Trial(
        cells=cells,
        strata=cells + len(BANDS) + 1,
        customers=audience.ids[who],
        treated=~held_out[who],
        bought=bought[who, what],
    )


def _compared(  # of a campaign, for these rows
    shop: Shop,
    campaign: PastCampaign,
    targets: Targets,
    rows: np.ndarray,
    held_out: BoolArray,
) -> BoolArray:
    """
    Return (customers, targets): the pairs to compare.

    Of those held out all, unless it is known which offers they would have got.
    """
    made = made_to(shop.lesson, campaign, targets, rows)
    if made[held_out].any():
        return made
    return np.asarray(made | held_out[:, np.newaxis])


def _together(trials: Sequence[Trial]) -> Trial:
    return Trial(
        cells=np.concatenate([one.cells for one in trials]),
        strata=np.concatenate([one.strata for one in trials]),
        customers=np.concatenate([one.customers for one in trials]),
        treated=np.concatenate([one.treated for one in trials]),
        bought=np.concatenate([one.bought for one in trials]),
    )
