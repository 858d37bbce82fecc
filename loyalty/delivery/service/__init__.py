"""Moving messages along: a module for each kind of change; none commits."""

from loyalty.delivery.service.campaigns import cancel_campaign, revive_campaign
from loyalty.delivery.service.claiming import claim_due
from loyalty.delivery.service.controlling import cancel, pause, resume
from loyalty.delivery.service.learning import learn_hours
from loyalty.delivery.service.months import detach_months, make_months
from loyalty.delivery.service.planning import plan_message, plan_messages
from loyalty.delivery.service.preparing import prepare
from loyalty.delivery.service.receipts import record_receipt
from loyalty.delivery.service.replaying import replay
from loyalty.delivery.service.replaying_many import (
    ask_replay,
    replay_batch,
    stop_replay,
)
from loyalty.delivery.service.sending import (
    mark_failed,
    mark_sending,
    mark_sent,
    mark_unknown,
    postpone,
    release,
)
from loyalty.delivery.service.sweeping import expire_leases
from loyalty.delivery.service.tallying import note_books, tally
from loyalty.delivery.service.ticking import beat, keep_schedules, take_due_schedules

__all__ = [
    "ask_replay",
    "beat",
    "cancel",
    "cancel_campaign",
    "claim_due",
    "detach_months",
    "expire_leases",
    "keep_schedules",
    "learn_hours",
    "make_months",
    "mark_failed",
    "mark_sending",
    "mark_sent",
    "mark_unknown",
    "note_books",
    "pause",
    "plan_message",
    "plan_messages",
    "postpone",
    "prepare",
    "record_receipt",
    "release",
    "replay",
    "replay_batch",
    "resume",
    "revive_campaign",
    "stop_replay",
    "take_due_schedules",
    "tally",
]
