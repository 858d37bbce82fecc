"""The parts of the recommender's benchmark; ``benchmarks.recommender`` runs them."""
