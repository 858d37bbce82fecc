"""Every customer's best targets: representations, top-k, answers heeded."""

from recommender.scoring.blocks import score
from recommender.scoring.choosing import Chosen, Dislikes, choose, dislikes
from recommender.scoring.describing import audience_of, describe_audience, ids_of
from recommender.scoring.executors import ClusterUnavailable, executor_at
from recommender.scoring.scene import Scene
from recommender.scoring.values import BLOCK, FRESH, People, Scored, in_blocks

__all__ = [
    "BLOCK",
    "FRESH",
    "Chosen",
    "ClusterUnavailable",
    "Dislikes",
    "People",
    "Scene",
    "Scored",
    "audience_of",
    "choose",
    "describe_audience",
    "dislikes",
    "executor_at",
    "ids_of",
    "in_blocks",
    "score",
]
