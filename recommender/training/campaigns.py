"""Past campaigns as lessons: who used which offer, seen from the campaign's start."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from recommender.data import (
    Answer,
    BoolArray,
    IntArray,
    Past,
    PastCampaign,
    Purchases,
    day_number,
)
from recommender.dataset import Events, distinct
from recommender.features import Audience, Targets, told, wishes
from recommender.models.popularity import Popularity
from recommender.models.ranker import Ranker
from recommender.models.redemption import (
    Table,
    Tally,
    Terms,
    added_up,
    redemption_table,
)
from recommender.models.redemption.learning import Lessons, fit_redemption
from recommender.splitting import before, within
from recommender.training.lesson import Lesson, Progress
from recommender.training.trained import Trained

MOST_CAMPAIGNS: Final = 60
"""Only the latest are learned from."""
MOST_PAIRS: Final = 1_000_000
"""Of a larger campaign so many pairs are drawn, by customer."""
ANSWERED_AFTER: Final = 14
"""A campaign counts from so many days after its start, or when it has ended."""
RECENT: Final = 28
"""Days in which buyers of products are counted."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Shop:
    """A lesson with the purchases by product: ``lines`` go with the lesson's ids."""

    lesson: Lesson
    lines: Events
    skus: Mapping[str, int]

    @classmethod
    def of(cls, lesson: Lesson, purchases: Purchases) -> "Shop":
        """Return the purchases before the lesson's day, by product."""
        lines = Events.of_products(purchases, lesson.events.ids)
        return cls(
            lesson=lesson,
            lines=before(lines, lesson.day),
            skus={sku: place for place, sku in enumerate(purchases.skus)},
        )

    def reach(self, day: int) -> dict[str, float]:
        """Return which share of customers bought each product before the day."""
        recent = within(self.lines, day - RECENT, day)
        _, items = distinct(recent.customers, recent.items)
        active = max(len(np.unique(recent.customers)), 1)
        counts = np.bincount(items, minlength=self.lines.n_items) / active
        return {
            sku: float(counts[place])
            for sku, place in self.skus.items()
            if counts[place] > 0
        }

    def audience(self, trained: Trained, rows: IntArray, day: int) -> Audience:
        """Return some of the customers as of the start of the day."""
        lesson = self.lesson
        customers = [lesson.customers[row] for row in rows.tolist()]
        wanted = wishes(
            customers,
            catalogue=lesson.catalogue,
            buyers=trained.popularity.buyers,
            config=trained.config,
        )
        audience = Audience.of(
            before(lesson.events, day).rows(rows),
            told(customers, space=lesson.space),
            wanted,
            day=day,
            space=lesson.space,
            config=trained.config,
        )
        lines = before(self.lines, day).rows(rows)
        return replace(audience, skus=self.skus, lines=lines)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scene:
    """
    A past campaign to learn from, or to be judged on.

    ``rows`` are those of its customers in the shop; ``made`` and ``redeemed``
    (customers, targets); ``terms`` are as of the campaign's start.
    """

    campaign: PastCampaign
    targets: Targets
    rows: IntArray
    audience: Audience
    terms: Terms
    made: BoolArray
    redeemed: BoolArray

    @property
    def places(self) -> IntArray:
        """Return (customers, targets): each target's place, -1 if it was not made."""
        everything = np.arange(len(self.targets), dtype=np.int32)
        return np.where(self.made, everything, np.int32(-1))


def teach_redemption(
    trained: Trained, shop: Shop, past: Past, progress: Progress
) -> Trained:
    """Return the recommender with what past campaigns teach of redemptions."""
    ranker = trained.ranker
    if ranker is None:
        return trained
    found = [
        lessons_of(scene, table_of(trained, ranker, shop, scene))
        for scene in scenes(trained, shop, past, progress)
    ]
    if not found:
        return trained
    redeemer = fit_redemption(
        joined(found), shop.reach(shop.lesson.day), trained.config
    )
    return replace(trained, redeemer=redeemer)


def scenes(
    trained: Trained, shop: Shop, past: Past, progress: Progress
) -> Iterator[Scene]:
    """Give each campaign that is answered by now, the earliest first."""
    ready = [one for one in past.campaigns if answered(one, shop.lesson.day)]
    ready = sorted(ready, key=lambda one: (one.start, one.code))[-MOST_CAMPAIGNS:]
    chance = np.random.default_rng(trained.config.seed)
    for number, campaign in enumerate(ready):
        progress("campaigns", number, len(ready))
        scene = stage(trained, shop, past, campaign, chance)
        if scene is not None:
            yield scene
    progress("campaigns", len(ready), len(ready))


def answered(campaign: PastCampaign, day: int) -> bool:
    """Test whether customers have had the time to answer a campaign."""
    begun = day - day_number(campaign.start)
    return begun >= min(campaign.days, ANSWERED_AFTER)


def stage(
    trained: Trained,
    shop: Shop,
    past: Past,
    campaign: PastCampaign,
    chance: np.random.Generator,
) -> Scene | None:
    """Return the campaign as of its start; None where nothing of it can be offered."""
    lesson, day = shop.lesson, day_number(campaign.start)
    targets = Targets.of(campaign.offers, lesson.catalogue, lesson.space)
    rows = known_rows(lesson, campaign.customers)
    if not len(targets) or not len(rows):
        return None
    most = max(MOST_PAIRS // len(targets), 1)
    if len(rows) > most:
        rows = np.sort(chance.choice(rows, most, replace=False))
    offers = {offer.key: offer for offer in campaign.offers}
    made = made_to(lesson, campaign, targets, rows)
    ids = lesson.events.ids[rows]
    tally = Tally.of(past, lesson.catalogue, lesson.space, day=day)
    return Scene(
        campaign=campaign,
        targets=targets,
        rows=rows,
        audience=shop.audience(trained, rows, day),
        terms=Terms(
            offers=[offers[key] for key in targets.keys],
            days=campaign.days,
            choices=made.sum(axis=1).astype(np.float32),
            answered=tally.of_customers(ids),
        ),
        made=made,
        redeemed=_redeemed(lesson, campaign, past, targets, rows) & made,
    )


def known_rows(lesson: Lesson, customers: Sequence[int]) -> IntArray:
    """Return the rows of those of the customers whom the lesson has."""
    known = np.isin(lesson.events.ids, np.array(customers, np.int64))
    return np.flatnonzero(known).astype(np.int32)


def made_to(
    lesson: Lesson, campaign: PastCampaign, targets: Targets, rows: IntArray
) -> BoolArray:
    """Return (customers, targets): which offers could be used by whom."""
    if campaign.made is None:
        return np.ones((len(rows), len(targets)), bool)
    keys = [campaign.offers[place].key for _, place in campaign.made]
    pairs = zip((who for who, _ in campaign.made), keys, strict=True)
    return _marked(lesson, pairs, targets, rows)


def _redeemed(
    lesson: Lesson,
    campaign: PastCampaign,
    past: Past,
    targets: Targets,
    rows: IntArray,
) -> BoolArray:
    """Return (customers, targets): which offers were used before the lesson's day."""
    pairs = (
        (answer.customer, answer.offer)
        for answer in past.responses
        if answer.campaign == campaign.code
        and answer.answer is Answer.REDEEMED
        and day_number(answer.day) < lesson.day
    )
    return _marked(lesson, pairs, targets, rows)


def _marked(
    lesson: Lesson,
    pairs: Iterator[tuple[int, str]],
    targets: Targets,
    rows: IntArray,
) -> BoolArray:
    row_of = {int(who): row for row, who in enumerate(lesson.events.ids[rows])}
    place_of = {key: place for place, key in enumerate(targets.keys)}
    marked = np.zeros((len(rows), len(targets)), bool)
    for who, key in pairs:
        if who in row_of and key in place_of:
            marked[row_of[who], place_of[key]] = True
    return marked


def lessons_of(scene: Scene, table: Table) -> Lessons:
    """Return the pairs of a campaign with what became of them."""
    owners, targets = np.nonzero(scene.made)
    return Lessons(
        pairs=table.pairs[owners, targets],
        redeemed=scene.redeemed[owners, targets],
        owners=owners,
        who=table.who,
        customers=scene.audience.ids,
    )


def as_known(scene: Scene, shop: Shop, past: Past, day: int) -> Scene | None:
    """Return a campaign as it was known on a day; None if it was not answered yet."""
    if not answered(scene.campaign, day):
        return None
    known = _redeemed(
        shop.lesson.before(day), scene.campaign, past, scene.targets, scene.rows
    )
    return replace(scene, redeemed=known & scene.made)


def table_of(trained: Trained, ranker: Ranker, shop: Shop, scene: Scene) -> Table:
    """Return the features of a campaign's pairs."""
    day = day_number(scene.campaign.start)
    popularity = Popularity.fit(
        before(shop.lesson.events, day), day=day, config=trained.config
    )
    return redemption_table(
        ranker,
        scene.audience,
        scene.targets,
        scene.terms,
        places=scene.places,
        buyers=added_up(scene.targets, shop.reach(day), popularity.buyers),
    )


def joined(lessons: Sequence[Lessons]) -> Lessons:
    """Return the lessons of several campaigns as one."""
    sizes = [len(one.who) for one in lessons]
    firsts = np.cumsum([0, *sizes[:-1]])
    return Lessons(
        pairs=np.concatenate([one.pairs for one in lessons]),
        redeemed=np.concatenate([one.redeemed for one in lessons]),
        owners=np.concatenate(
            [one.owners + first for one, first in zip(lessons, firsts, strict=True)]
        ),
        who=np.concatenate([one.who for one in lessons]),
        customers=np.concatenate([one.customers for one in lessons]),
    )
