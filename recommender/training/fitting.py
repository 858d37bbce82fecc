"""Training all models."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from recommender.config import Config
from recommender.dataset import History
from recommender.features import told
from recommender.features.demand import Demand
from recommender.models.base import Model
from recommender.models.hybrid import Hybrid, fit_hybrid
from recommender.models.neighbours import Neighbours
from recommender.models.personal import fit_personal
from recommender.models.popularity import Popularity
from recommender.models.ranker import Ranker
from recommender.models.regression import Regression, fit_next, fit_next_new
from recommender.models.standing import Standing
from recommender.models.trees import AS_IT_IS, fit_calibration, fit_trees
from recommender.splitting import training_windows
from recommender.training.examples import make_examples, make_steps
from recommender.training.lesson import Lesson, NothingToLearn, Progress
from recommender.training.lessons import Period, make_lessons
from recommender.training.trained import Trained

FEWEST = 200
"""So many pairs that were bought, and as many not, the re-ranker needs."""


def fit(lesson: Lesson, config: Config, progress: Progress) -> Trained:
    """
    Train all models.

    :raises NothingToLearn: if there is no event
    """
    if len(lesson.events.days) == 0:
        text = "No purchase of a product in the catalogue."
        raise NothingToLearn(text)
    popularity = Popularity.fit(lesson.events, day=lesson.day, config=config)
    hybrid = fit_history(lesson, config, _told(progress, "LightFM"))
    return Trained(
        config=config,
        space=lesson.space,
        items=lesson.items,
        popularity=popularity,
        hybrid=hybrid,
        ranker=_fit_ranker(lesson, hybrid, config, progress),
        first_day=int(lesson.events.days.min()),
        last_day=int(lesson.events.days.max()),
        customers=len(np.unique(lesson.events.customers)),
        events=len(lesson.events.days),
    )


def _told(progress: Progress, step: str) -> Callable[[int, int], None]:
    """Return what tells how far a step is."""
    return lambda done, total: progress(step, done, total)


def fit_history(
    lesson: Lesson, config: Config, progress: Callable[[int, int], None]
) -> Hybrid:
    """Train LightFM with histories as features."""
    return fit_hybrid(make_examples(lesson, config), config, progress)


def fit_regressions(lesson: Lesson, config: Config) -> tuple[Regression, ...]:
    """Train what looks from items to items; nothing where there is no past to do so."""
    steps = make_steps(lesson, config)
    if not len(steps.known):
        return ()
    strength = config.regression_strength
    return fit_next(steps, strength), fit_next_new(steps, strength)


def _fit_ranker(
    lesson: Lesson, hybrid: Hybrid, config: Config, progress: Progress
) -> Ranker | None:
    """Train the re-ranker, with what stands in the features trained on less."""
    inputs = (Standing(model=hybrid, items=lesson.items),)
    return fit_ranker(
        lesson,
        (*inputs, *fit_regressions(lesson, config)),
        config,
        progress,
        lightfm=True,
    )


def fit_ranker(
    lesson: Lesson,
    inputs: tuple[Model, ...],
    config: Config,
    progress: Progress,
    *,
    lightfm: bool,
) -> Ranker | None:
    """
    Train the re-ranker; None where there is too little to learn from.

    :param inputs: the models whose scores are features, trained on the whole lesson;
        for each period they are trained again on what was before it
    :param lightfm: whether LightFM is one of them
    """
    periods = _periods(lesson, config, progress, lightfm=lightfm)
    if not periods:
        return None
    learn, check = make_lessons(lesson, periods, config)
    if min(learn.bought.sum(), (~learn.bought).sum()) < FEWEST:
        return None
    ranker = Ranker(
        demand=Demand.fit(lesson.events, day=lesson.day),
        inputs=inputs,
        trees=fit_trees(learn, config, _told(progress, "re-ranker")),
        knots=AS_IT_IS,
        threads=config.threads,
        name="re-ranker" if lightfm else "re-ranker without LightFM",
    )
    raw = ranker.of_table(check.table[:, np.newaxis]).ravel()
    return replace(ranker, knots=fit_calibration(raw, check.bought))


def _periods(
    lesson: Lesson, config: Config, progress: Progress, *, lightfm: bool
) -> list[Period]:
    """Return the latest periods, each with models trained on what was before it."""
    windows = list(training_windows(lesson.events, config))[: config.ranker_windows]
    first = int(lesson.events.days.min())
    periods = []
    for number, window in enumerate(windows):
        progress("earlier models", number, len(windows))
        if window.start <= first + config.window_days:
            break
        past = lesson.before(window.start)
        inputs: list[Model] = list(fit_regressions(past, config))
        if lightfm:
            hybrid = fit_history(past, config, _quiet)
            inputs.append(Standing(model=hybrid, items=lesson.items))
        periods.append(Period(window=window, inputs=inputs))
    return periods


def _quiet(_done: int, _total: int) -> None:
    """Tell nobody."""


def fit_peers(lesson: Lesson, config: Config, progress: Progress) -> tuple[Model, ...]:
    """
    Train what the recommender's models are compared with; none of it is ever stored.

    UP-CF, LightFM from interactions only and with features, and the re-ranker without
    LightFM.
    """
    events, day = lesson.events, lesson.day
    history = History.of(events, day=day, half_life=config.half_life_days)
    known = told(lesson.customers, space=lesson.space)
    tell = _told(progress, "peers")
    plain, featured = (
        fit_personal(history, events.ids, features, lesson.items, config, tell)
        for features in (None, known)
    )
    ranker = fit_ranker(
        lesson, fit_regressions(lesson, config), config, progress, lightfm=False
    )
    found = (Neighbours.fit(events, seed=config.seed), plain, featured)
    return found if ranker is None else (*found, ranker)
