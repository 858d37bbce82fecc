"""Which offers, for whom, and why: typed rows in, scored offers and reasons out."""
