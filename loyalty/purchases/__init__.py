"""Purchases: what was bought and paid for, recorded once."""
