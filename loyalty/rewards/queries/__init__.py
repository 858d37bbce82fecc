"""Reading rewards and causes."""

from loyalty.rewards.queries.causes import CauseNotFound, get_cause_row, list_causes
from loyalty.rewards.queries.redemptions import (
    RedemptionNotFound,
    get_redemption,
    list_redemptions,
    to_redemption,
)
from loyalty.rewards.queries.rewards import (
    RewardNotFound,
    get_reward,
    get_reward_row,
    list_rewards,
    open_rewards,
    to_reward,
)

__all__ = [
    "CauseNotFound",
    "RedemptionNotFound",
    "RewardNotFound",
    "get_cause_row",
    "get_redemption",
    "get_reward",
    "get_reward_row",
    "list_causes",
    "list_redemptions",
    "list_rewards",
    "open_rewards",
    "to_redemption",
    "to_reward",
]
