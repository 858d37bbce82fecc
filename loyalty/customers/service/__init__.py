"""Changing customers: who they are, what they want, what they agreed to."""
