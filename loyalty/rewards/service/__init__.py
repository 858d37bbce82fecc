"""Changes to rewards and causes."""

from loyalty.rewards.service.catalogue import (
    end_cause,
    save_cause,
    save_reward,
    withdraw_reward,
)
from loyalty.rewards.service.giving import CauseEnded, give_to_cause
from loyalty.rewards.service.redeeming import (
    RedemptionSettled,
    RewardKeyReused,
    RewardNotAvailable,
    cancel,
    hand_over,
    keep_coupon,
    redeem,
)

__all__ = [
    "CauseEnded",
    "RedemptionSettled",
    "RewardKeyReused",
    "RewardNotAvailable",
    "cancel",
    "end_cause",
    "give_to_cause",
    "hand_over",
    "keep_coupon",
    "redeem",
    "save_cause",
    "save_reward",
    "withdraw_reward",
]
