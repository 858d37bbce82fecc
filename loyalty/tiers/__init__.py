"""Tiers: what members are for what they earned or spent in a period."""
