"""Every queue and every job there is, in one table each."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class QueueName(StrEnum):
    """The queues. A worker process serves one; each needs at least one worker."""

    DELIVERY = "delivery"
    DEFAULT = "default"
    RECOMMENDER = "recommender"
    """Training, planning and back-tests: long jobs, one at a time."""

    SCORING = "scoring"
    """What is recommended to customers of whom something changed: it does not wait
    for a training."""

    WEBHOOKS = "webhooks"
    """Other people's servers, which may be slow: nothing else waits for them."""

    DEMO = "demo"


class JobSpec(NamedTuple):
    """Where a job lives and how it is run."""

    path: str
    queue: QueueName
    timeout: int
    """Seconds until a run is ended."""

    retries: int = 0
    """Further tries, at once. A later try belongs to the row that is still due: RQ's
    own scheduler, which would have to wait, is not run."""


JOBS: Mapping[str, JobSpec] = {
    "drain": JobSpec(
        path="jobs.tasks.delivery.drain",
        queue=QueueName.DELIVERY,
        timeout=300,
    ),
    "fall_back": JobSpec(
        path="jobs.tasks.delivery.fall_back",
        queue=QueueName.DELIVERY,
        timeout=300,
    ),
    "ask_about_unknown": JobSpec(
        path="jobs.tasks.delivery.ask_about_unknown",
        queue=QueueName.DELIVERY,
        timeout=300,
    ),
    "keep_months": JobSpec(
        path="jobs.tasks.delivery.keep_months",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "follow_clocks": JobSpec(
        path="jobs.tasks.delivery.follow_clocks",
        queue=QueueName.DEFAULT,
        timeout=1800,
    ),
    "send_wallet_link": JobSpec(
        path="jobs.tasks.links.send_wallet_link",
        queue=QueueName.DEFAULT,
        timeout=60,
    ),
    "send_template_test": JobSpec(
        path="jobs.tasks.template_tests.send_template_test",
        queue=QueueName.DEFAULT,
        timeout=60,
    ),
    "train": JobSpec(
        path="jobs.tasks.training.train",
        queue=QueueName.RECOMMENDER,
        timeout=4 * 3600,
    ),
    "promote_model": JobSpec(
        path="jobs.tasks.models.promote_model",
        queue=QueueName.DEFAULT,
        timeout=300,
    ),
    "roll_back_model": JobSpec(
        path="jobs.tasks.models.roll_back_model",
        queue=QueueName.DEFAULT,
        timeout=300,
    ),
    "plan_campaign": JobSpec(
        path="jobs.tasks.planning.plan_campaign",
        queue=QueueName.RECOMMENDER,
        timeout=4 * 3600,
    ),
    "run_campaigns": JobSpec(
        path="jobs.tasks.campaigns.run_campaigns",
        queue=QueueName.DEFAULT,
        timeout=3600,
    ),
    "meet_events": JobSpec(
        path="jobs.tasks.campaigns.meet_events",
        queue=QueueName.SCORING,
        timeout=3600,
    ),
    "preview_campaign": JobSpec(
        path="jobs.tasks.previewing.preview_campaign",
        queue=QueueName.RECOMMENDER,
        timeout=4 * 3600,
    ),
    "top_up_campaigns": JobSpec(
        path="jobs.tasks.topping_up.top_up_campaigns",
        queue=QueueName.RECOMMENDER,
        timeout=4 * 3600,
    ),
    "score_all": JobSpec(
        path="jobs.tasks.scoring.score_all",
        queue=QueueName.RECOMMENDER,
        timeout=12 * 3600,
    ),
    "score_changed": JobSpec(
        path="jobs.tasks.rescoring.score_changed",
        queue=QueueName.SCORING,
        timeout=3600,
    ),
    "score_at_once": JobSpec(
        path="jobs.tasks.rescoring.score_at_once",
        queue=QueueName.SCORING,
        timeout=600,
    ),
    "backtest": JobSpec(
        path="jobs.tasks.backtesting.backtest",
        queue=QueueName.RECOMMENDER,
        timeout=4 * 3600,
    ),
    "learn_hours": JobSpec(
        path="jobs.tasks.delivery.learn_hours",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "expire_gift_cards": JobSpec(
        path="jobs.tasks.programme.expire_gift_cards",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "review_tiers": JobSpec(
        path="jobs.tasks.programme.review_tiers",
        queue=QueueName.DEFAULT,
        timeout=1800,
    ),
    "follow_merges": JobSpec(
        path="jobs.tasks.programme.follow_merges",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "settle_referrals": JobSpec(
        path="jobs.tasks.programme.settle_referrals",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "follow_households": JobSpec(
        path="jobs.tasks.programme.follow_households",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "verify_books": JobSpec(
        path="jobs.tasks.delivery.verify_books",
        queue=QueueName.DEFAULT,
        timeout=300,
    ),
    "count_deliveries": JobSpec(
        "jobs.tasks.watching.count_deliveries", QueueName.DEFAULT, 1800
    ),
    "replay_messages": JobSpec(
        "jobs.tasks.watching.replay_messages", QueueName.DEFAULT, 1800
    ),
    "break_lost_codes": JobSpec(
        path="jobs.tasks.codes.break_lost_codes",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "clear_quotes": JobSpec(
        path="jobs.tasks.quotes.clear_quotes",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "forget_inbound": JobSpec(
        path="jobs.tasks.inbound.forget_inbound",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "mature_points": JobSpec(
        path="jobs.tasks.points.mature_points",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "expire_points": JobSpec(
        path="jobs.tasks.points.expire_points",
        queue=QueueName.DEFAULT,
        timeout=1800,
    ),
    "seal_points": JobSpec(
        path="jobs.tasks.points.seal_points",
        queue=QueueName.DEFAULT,
        timeout=1800,
    ),
    "verify_points": JobSpec(
        path="jobs.tasks.points.verify_points",
        queue=QueueName.DEFAULT,
        timeout=3600,
    ),
    "send_webhooks": JobSpec(
        path="jobs.tasks.webhooks.send_webhooks",
        queue=QueueName.WEBHOOKS,
        timeout=1800,
    ),
    "clear_webhooks": JobSpec(
        path="jobs.tasks.webhooks.clear_webhooks",
        queue=QueueName.DEFAULT,
        timeout=600,
    ),
    "send_samples": JobSpec(
        path="jobs.tasks.samples.send_samples",
        queue=QueueName.DEMO,
        timeout=300,
    ),
    "fast_forward": JobSpec(
        path="jobs.tasks.demo.fast_forward",
        queue=QueueName.DEMO,
        timeout=3600,
    ),
}
"""Every job by its name; the function has the same name and keyword arguments only."""
