"""Promotions: documents, prices and terms."""
