"""Judging the recommender on days that it has not seen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from time import monotonic

from jobs.tasks.books import Books, read_books, read_split
from loyalty.core.database import Database
from recommender import evaluation
from recommender.data import day_of
from recommender.evaluation import Material, Report
from recommender.splitting import Split
from recommender.training import Progress


class Extent(StrEnum):
    """How much is judged, and on which days."""

    BRIEF = "brief"
    """The rankings of what is bought."""
    FULL = "full"
    """Everything, against all baselines."""
    TUNING = "tuning"
    """Everything, on the days on which settings may be chosen; no later one is seen."""


def evaluate_models(
    database: Database,
    *,
    extent: Extent,
    cutoffs: Sequence[date] = (),
    now: datetime,
    progress: Progress,
) -> Report:
    """
    Judge the models and the baselines on periods they have not seen.

    :param cutoffs: the days before which is trained, for a brief evaluation; none:
        those of the demo's data, in another shop the last three whole periods
    :raises NothingToLearn: if nothing was bought before a cut-off
    """
    with database.transaction() as session:
        books = read_books(session, now=now)
        split = read_split(session)
    if split is None:
        split = Split.of_last_periods(books.purchases, books.config)
    started = monotonic()
    report = _evaluate(books, split, extent, cutoffs, progress)
    return replace(report, seconds=round(monotonic() - started, 1))


def _evaluate(
    books: Books,
    split: Split,
    extent: Extent,
    cutoffs: Sequence[date],
    progress: Progress,
) -> Report:
    material = Material(
        purchases=books.purchases,
        customers=books.customers,
        products=books.products,
        campaigns=books.past.campaigns,
        responses=books.past.responses,
    )
    if extent is Extent.FULL:
        return evaluation.evaluate_full(material, books.config, split, progress)
    if extent is Extent.TUNING:
        return evaluation.evaluate_tuning(material, books.config, split, progress)
    days = cutoffs or [day_of(day) for day in split.reporting]
    return evaluation.evaluate_cutoffs(material, books.config, days, progress)
