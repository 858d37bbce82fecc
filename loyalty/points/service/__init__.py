"""
Changes to the ledger: a module for each kind of movement.

Every movement has a request key, unique for the member: the same request again is
answered as before and moves nothing.
"""

from loyalty.points.service.adjusting import (
    AlreadyDecided,
    Correction,
    SecondPersonNeeded,
    adjust,
    approve,
    refuse,
)
from loyalty.points.service.earning import earn, mature
from loyalty.points.service.expiring import expire, note_uptime
from loyalty.points.service.holding import NotEnoughToHold, end_hold, hold
from loyalty.points.service.moving import move, move_back
from loyalty.points.service.posting import RequestKeyReused, lock_account
from loyalty.points.service.sealing import seal_transfers
from loyalty.points.service.spending import (
    MoreThanWasSpent,
    NotEnoughPoints,
    Spending,
    give_back,
    spend,
)
from loyalty.points.service.taking_back import MoreThanWasEarned, take_back
from loyalty.points.service.undoing import NotUndoable, undo
from loyalty.points.service.warning import take_warnings

__all__ = [
    "AlreadyDecided",
    "Correction",
    "MoreThanWasEarned",
    "MoreThanWasSpent",
    "NotEnoughPoints",
    "NotEnoughToHold",
    "NotUndoable",
    "RequestKeyReused",
    "SecondPersonNeeded",
    "Spending",
    "adjust",
    "approve",
    "earn",
    "end_hold",
    "expire",
    "give_back",
    "hold",
    "lock_account",
    "mature",
    "move",
    "move_back",
    "note_uptime",
    "refuse",
    "seal_transfers",
    "spend",
    "take_back",
    "take_warnings",
    "undo",
]
