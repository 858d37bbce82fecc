"""Moving messages along: a module for each kind of change; none commits."""

from loyalty.delivery.service.campaigns import cancel_campaign, revive_campaign
from loyalty.delivery.service.checking import check_books
from loyalty.delivery.service.claiming import claim_due
from loyalty.delivery.service.controlling import cancel, pause, resume
from loyalty.delivery.service.falling_back import fall_back
from loyalty.delivery.service.following_clocks import follow_clocks
from loyalty.delivery.service.gating import (
    ask_provider,
    keep_providers,
    note_failure,
    note_success,
    return_unused,
)
from loyalty.delivery.service.learning import learn_habits
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
    mark_not_sent,
    mark_sending,
    mark_sent,
    release,
)
from loyalty.delivery.service.settling import settle, take_questions
from loyalty.delivery.service.sweeping import expire_leases
from loyalty.delivery.service.tallying import note_books, tally
from loyalty.delivery.service.ticking import beat, keep_schedules, take_due_schedules

__all__ = [
    "ask_provider",
    "ask_replay",
    "beat",
    "cancel",
    "cancel_campaign",
    "check_books",
    "claim_due",
    "detach_months",
    "expire_leases",
    "fall_back",
    "follow_clocks",
    "keep_providers",
    "keep_schedules",
    "learn_habits",
    "make_months",
    "mark_not_sent",
    "mark_sending",
    "mark_sent",
    "note_books",
    "note_failure",
    "note_success",
    "pause",
    "plan_message",
    "plan_messages",
    "prepare",
    "record_receipt",
    "release",
    "replay",
    "replay_batch",
    "resume",
    "return_unused",
    "revive_campaign",
    "settle",
    "stop_replay",
    "take_due_schedules",
    "take_questions",
    "tally",
]
