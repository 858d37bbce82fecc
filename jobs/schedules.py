"""What the dispatcher rings again and again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from loyalty.delivery.rules.schedules import Schedule
from loyalty.settings import Settings
from loyalty.stores.queries import ProgrammeMissing, get_programme

SCHEDULES: Sequence[Schedule] = (
    Schedule(name="verify-books", job="verify_books", every=timedelta(hours=1)),
    Schedule(
        name="count-deliveries", job="count_deliveries", every=timedelta(minutes=1)
    ),
    Schedule(name="replay", job="replay_messages", every=timedelta(minutes=5)),
    Schedule(
        name="keep-months",
        job="keep_months",
        arguments={"kept_months": 25},
        every=timedelta(hours=6),
    ),
    Schedule(name="follow-clocks", job="follow_clocks", every=timedelta(hours=1)),
    Schedule(name="clear-quotes", job="clear_quotes", every=timedelta(minutes=15)),
    Schedule(
        name="break-lost-codes", job="break_lost_codes", every=timedelta(minutes=30)
    ),
    Schedule(name="learn-hours", job="learn_hours", at_minute=2 * 60),
    Schedule(name="expire-gift-cards", job="expire_gift_cards", at_minute=150),
    Schedule(
        name="settle-referrals",
        job="settle_referrals",
        every=timedelta(minutes=10),
    ),
    Schedule(
        name="follow-households",
        job="follow_households",
        every=timedelta(minutes=15),
    ),
    Schedule(name="review-tiers", job="review_tiers", at_minute=30),
    Schedule(name="follow-merges", job="follow_merges", at_minute=155),
    Schedule(name="train", job="train", at_minute=3 * 60),
    Schedule(name="score-changed", job="score_changed", every=timedelta(hours=1)),
    Schedule(
        name="score-all",
        job="score_all",
        arguments={"only_due": True},
        at_minute=4 * 60 + 30,
    ),
    Schedule(name="top-up-campaigns", job="top_up_campaigns", every=timedelta(hours=1)),
    Schedule(name="run-campaigns", job="run_campaigns", every=timedelta(minutes=1)),
    Schedule(name="mature-points", job="mature_points", every=timedelta(minutes=15)),
    Schedule(name="expire-points", job="expire_points", every=timedelta(hours=1)),
    Schedule(name="seal-points", job="seal_points", every=timedelta(minutes=10)),
    Schedule(name="clear-webhooks", job="clear_webhooks", at_minute=3 * 60 + 30),
    Schedule(name="forget-inbound", job="forget_inbound", at_minute=3 * 60 + 45),
    Schedule(name="verify-points", job="verify_points", at_minute=4 * 60),
)
"""What is rung again and again. Add a row; the job must be in ``JOBS``.

Times of day are the shop's. A campaign has no row of its own: one job looks for all
that their days and events ask for.
"""


def schedules_of(settings: Settings) -> list[Schedule]:
    """Return the schedules with what the settings say of them."""
    kept = settings.message_months_kept
    return [
        replace(one, arguments={"kept_months": kept})
        if one.name == "keep-months"
        else one
        for one in SCHEDULES
    ]


def in_shop_time(session: Session, schedules: Sequence[Schedule]) -> list[Schedule]:
    """Return the schedules on the shop's clock; on UTC while there is no shop."""
    try:
        zone = get_programme(session).time_zone.key
    except ProgrammeMissing:
        return list(schedules)
    return [replace(schedule, time_zone=zone) for schedule in schedules]
