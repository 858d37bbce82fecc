"""Training all models."""

import numpy as np

from recommender.config import Config
from recommender.features.demand import Demand
from recommender.models.hybrid import Hybrid, fit_hybrid
from recommender.models.popularity import Popularity
from recommender.models.ranker import Ranker, fit_trees
from recommender.splitting import training_windows
from recommender.training.examples import make_examples
from recommender.training.lesson import Lesson, NothingToLearn, Progress
from recommender.training.lessons import make_lessons
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
    hybrid = _fit_hybrid(lesson, config, progress)
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


def _fit_hybrid(lesson: Lesson, config: Config, progress: Progress) -> Hybrid:
    popularity = Popularity.fit(lesson.events, day=lesson.day, config=config)
    examples = make_examples(lesson, popularity, config)
    return fit_hybrid(
        examples, config, lambda done, total: progress("LightFM", done, total)
    )


def _fit_ranker(
    lesson: Lesson, hybrid: Hybrid, config: Config, progress: Progress
) -> Ranker | None:
    """Train the re-ranker on periods that its inputs have not seen."""
    windows = list(training_windows(lesson.events, config))[: config.ranker_windows]
    windows = [w for w in windows if w.start > int(lesson.events.days.min())]
    if not windows:
        return None
    earlier = lesson.before(windows[-1].start)
    inputs = (_fit_hybrid(earlier, config, progress),)
    lessons = make_lessons(lesson, windows, inputs, config)
    if min(lessons.bought.sum(), (~lessons.bought).sum()) < FEWEST:
        return None
    trees = fit_trees(
        lessons, config, lambda done, total: progress("re-ranker", done, total)
    )
    steps = np.linspace(-12, 12, 97, dtype=np.float32)
    return Ranker(
        demand=Demand.fit(lesson.events, day=lesson.day),
        inputs=(hybrid,),
        trees=trees,
        knots=np.stack((steps, 1 / (1 + np.exp(-steps)))),
        threads=config.threads,
    )
