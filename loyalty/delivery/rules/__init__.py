"""Delivery's rules: pure functions over values."""
