"""Changes to tiers: the shop's, and those of its members."""

from loyalty.tiers.service.ladders import save_ladder
from loyalty.tiers.service.merging import give_tier_back, take_tier_over
from loyalty.tiers.service.reviewing import review_member, review_members

__all__ = [
    "give_tier_back",
    "review_member",
    "review_members",
    "save_ladder",
    "take_tier_over",
]
