"""Campaigns: who gets which personal promotions, and what it changed."""
