"""
Task 2: which offer of a campaign a household redeems, and who redeems any.

The recommender is trained before the first campaign that is judged; what past
campaigns teach is learned anew before each, from campaigns that had been answered by
then. A household is judged as of the campaign's start.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from recommender.config import Config
from recommender.data import BoolArray, FloatArray, LongArray, Sparse
from recommender.dataset import csr
from recommender.evaluation.discrimination import (
    auc,
    average_precision,
    drawn_aucs,
    lift,
)
from recommender.evaluation.intervals import bounds
from recommender.evaluation.material import Material
from recommender.evaluation.metrics import Numbers, judge, top_k
from recommender.evaluation.rows import (
    ALL,
    CampaignRow,
    Campaigns,
    Comparison,
    PairsRow,
    RedeemersRow,
    Task,
)
from recommender.evaluation.scoreboard import Scoreboard, Subject, compare
from recommender.evaluation.staging import MODEL, PAST_USE, Staged, staged
from recommender.training import Progress
from recommender.training.campaigns import Scene

BROAD: Final = 50
"""Kinds of campaigns with more offers than this are looked at apart: where there are
hundreds, each household in effect gets a choice of its own."""

_TIES: Final = 8
"""Equal scores are put in so many random orders, and the measures averaged."""


def judge_campaigns(
    material: Material, config: Config, first: int, progress: Progress
) -> tuple[Campaigns, tuple[Comparison, ...]] | None:
    """
    Judge the campaigns that start on the day ``first`` (a day number) or later.

    None where there are none, or too little is known before them.

    :raises NothingToLearn: if nothing was bought before the day
    """
    stages = list(staged(material, config, first, progress))
    stages = [one for one in stages if one.scene.redeemed.any()]
    if not stages:
        return None
    board = Scoreboard(seed=config.seed)
    chance = np.random.default_rng(config.seed)
    aucs: dict[tuple[str, str], list[float]] = {}
    segments = _segments(stages)
    for one in stages:
        _judge_stage(
            one, segments[one.scene.campaign.code], board, aucs, chance, config
        )
    rows = tuple(
        CampaignRow(
            model=row.model,
            segment=row.segment,
            households=row.households,
            ndcg=row.ndcg,
            low=row.low,
            high=row.high,
            auc=_mean(aucs[row.segment, row.model]),
        )
        for row in board.rows()
    )
    redeemers, who = _redeemers(stages, config.seed)
    comparisons = tuple(
        comparison
        for segment in board.found
        for comparison in board.compare(segment, MODEL, Task.CAMPAIGNS)
    )
    found = Campaigns(
        campaigns=len(stages), rows=rows, pairs=_pairs(stages), redeemers=redeemers
    )
    return found, (*comparisons, *who)


def _segments(stages: Sequence[Staged]) -> dict[str, tuple[str, ...]]:
    """Return the segments of each campaign: all, and kinds of a like choice."""
    widest: dict[str, int] = {}
    for one in stages:
        kind, size = one.scene.campaign.kind, len(one.scene.targets)
        widest[kind] = max(widest.get(kind, 0), size)
    names = {
        broad: " and ".join(k for k in sorted(widest) if (widest[k] > BROAD) is broad)
        for broad in (True, False)
    }
    return {
        one.scene.campaign.code: (
            ALL,
            names[widest[one.scene.campaign.kind] > BROAD],
        )
        for one in stages
    }


def _judge_stage(  # one campaign, into what is collected
    one: Staged,
    segments: tuple[str, ...],
    board: Scoreboard,
    aucs: dict[tuple[str, str], list[float]],
    chance: np.random.Generator,
    config: Config,
) -> None:
    """Add each model's ranking of the campaign's offers, for redeeming households."""
    scene, rows = one.scene, np.flatnonzero(one.used)
    wanted = scene.redeemed[rows]
    values: dict[str, Numbers] = {}
    for name, scores in one.scores.items():
        ranked = np.where(scene.made, scores, -np.inf)[rows]
        values[name] = _measured(ranked, wanted, chance, config.top)
        for segment in segments:
            aucs.setdefault((segment, name), []).extend(_within(scene, scores, rows))
    for segment in segments:
        board.add(segment, scene.audience.ids[rows], values)


def _within(scene: Scene, scores: FloatArray, rows: LongArray) -> list[float]:
    """Return each household's area, where there is one."""
    found = []
    for row in rows.tolist():
        made = scene.made[row]
        happened = scene.redeemed[row, made]
        area = auc(scores[row, made], happened)
        found += [] if area is None else [area]
    return found


def _wanted(redeemed: BoolArray) -> Sparse:
    rows, places = np.nonzero(redeemed)
    ones = np.ones(len(rows), np.float32)
    return csr(rows.astype(np.int32), places.astype(np.int32), ones, redeemed.shape)


def _measured(
    scores: FloatArray, redeemed: BoolArray, chance: np.random.Generator, top: int
) -> Numbers:
    """Return (households, measures), the mean over orders of equal scores."""
    found = []
    for _ in range(_TIES):
        order = chance.permutation(scores.shape[1])
        places = top_k(scores[:, order], min(top, len(order)))
        found.append(judge(places, _wanted(redeemed[:, order])).values)
    return np.asarray(np.mean(found, axis=0))


def _pairs(stages: Sequence[Staged]) -> tuple[PairsRow, ...]:
    """Return what the models say of all pairs together."""
    happened = np.concatenate([one.scene.redeemed[one.scene.made] for one in stages])
    rows = []
    for name in stages[0].scores:
        scores = np.concatenate([one.scores[name][one.scene.made] for one in stages])
        rows.append(
            PairsRow(
                model=name,
                segment=ALL,
                pairs=len(happened),
                redeemed=int(happened.sum()),
                auc=auc(scores, happened),
                average_precision=average_precision(scores, happened),
                lift=lift(scores, happened),
            )
        )
    return tuple(rows)


def _redeemers(
    stages: Sequence[Staged], seed: int
) -> tuple[tuple[RedeemersRow, ...], tuple[Comparison, ...]]:
    """Return who uses anything, against past use alone, with the paired difference."""
    names = (PAST_USE, MODEL)
    customers = np.concatenate([one.scene.audience.ids for one in stages])
    used = np.concatenate([one.used for one in stages])
    scores = np.stack(
        [np.concatenate([one.who[name] for one in stages]) for name in names], axis=1
    )
    draws = drawn_aucs(customers, scores, used, seed=seed)
    means = [auc(column, used) for column in scores.T]
    rows = []
    for place, name in enumerate(names):
        low, high = bounds(draws[:, place]) if len(draws) else (0.0, 0.0)
        rows.append(
            RedeemersRow(
                model=name,
                households=len(np.unique(customers)),
                redeemers=len(np.unique(customers[used])),
                auc=means[place],
                low=low,
                high=high,
                average_precision=average_precision(scores[:, place], used),
            )
        )
    if None in means or not len(draws):
        return tuple(rows), ()
    subject = Subject(
        task=Task.REDEEMERS,
        segment=ALL,
        households=len(np.unique(customers)),
        measure="auc",
    )
    difference = compare(
        subject,
        np.array(means[::-1], np.float64),
        draws[:, ::-1],
        model=MODEL,
        baseline=PAST_USE,
    )
    return tuple(rows), (difference,)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
