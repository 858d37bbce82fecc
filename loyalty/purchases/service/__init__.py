"""Changes to purchases: recording one, importing many."""
