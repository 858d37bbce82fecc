"""Customers: who they are, how they may be reached, and what they agreed to."""
