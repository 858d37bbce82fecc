"""Runs of the recommender, its models, and what it recommends."""
