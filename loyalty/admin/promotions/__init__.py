"""Promotions: the list, the builder and the document."""
