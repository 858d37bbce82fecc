"""Draws with known probabilities, and what can be learned from them."""

from recommender.exploration.drawing import explore
from recommender.exploration.estimates import Estimate, Logged, dr, ips, snips
from recommender.exploration.judging import chances_of

__all__ = ["Estimate", "Logged", "chances_of", "dr", "explore", "ips", "snips"]
