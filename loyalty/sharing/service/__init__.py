"""Changes to what members share."""

from loyalty.sharing.service.gifts import GiftFinal, GiftsOff, GiftTooBig, give, undo
from loyalty.sharing.service.households import (
    HouseholdFull,
    NotTheKeeper,
    SharesAlready,
    answer,
    invite,
    leave,
)
from loyalty.sharing.service.merging import (
    SharesStill,
    check_own_balance,
    check_separate,
)
from loyalty.sharing.service.policy import save_policy
from loyalty.sharing.service.purses import gather, lock_purse
from loyalty.sharing.service.referrals import (
    NotAFriend,
    claim,
    code_of,
    note_device,
    note_purchase,
    note_return,
    settle,
)

__all__ = [
    "GiftFinal",
    "GiftTooBig",
    "GiftsOff",
    "HouseholdFull",
    "NotAFriend",
    "NotTheKeeper",
    "SharesAlready",
    "SharesStill",
    "answer",
    "check_own_balance",
    "check_separate",
    "claim",
    "code_of",
    "gather",
    "give",
    "invite",
    "leave",
    "lock_purse",
    "note_device",
    "note_purchase",
    "note_return",
    "save_policy",
    "settle",
    "undo",
]
