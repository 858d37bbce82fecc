"""Every customer's best targets: representations, top-k, answers heeded."""

from recommender.scoring.blocks import score, score_audience
from recommender.scoring.describing import audience_of, describe_audience, ids_of
from recommender.scoring.executors import ClusterUnavailable, executor_at
from recommender.scoring.scene import Scene
from recommender.scoring.slots import in_slots
from recommender.scoring.values import BLOCK, FRESH, People, Scored, in_blocks

__all__ = [
    "BLOCK",
    "FRESH",
    "ClusterUnavailable",
    "People",
    "Scene",
    "Scored",
    "audience_of",
    "describe_audience",
    "executor_at",
    "ids_of",
    "in_blocks",
    "in_slots",
    "score",
    "score_audience",
]
