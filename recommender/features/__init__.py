"""What is known of customers and of what is ranked, under names that can be said."""

from recommender.features.audience import Audience, describe, told, wishes
from recommender.features.space import LIKES, Space
from recommender.features.targets import Targets, item_offers

__all__ = [
    "LIKES",
    "Audience",
    "Space",
    "Targets",
    "describe",
    "item_offers",
    "told",
    "wishes",
]
