"""Changes to tiers: the shop's, and those of its members."""

from loyalty.tiers.service.ladders import save_ladder
from loyalty.tiers.service.reviewing import review_member, review_members

__all__ = ["review_member", "review_members", "save_ladder"]
