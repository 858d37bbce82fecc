"""Rewards for points, and causes."""

from loyalty.api.v1.rewards import catalogue, causes, members
from loyalty.api.v1.rewards.schemas import resource

__all__ = ["catalogue", "causes", "members", "resource"]
