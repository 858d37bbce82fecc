"""What the recommender did, and what it recommends to each customer now."""
