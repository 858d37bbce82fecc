"""Changing staff, their second factors, sessions and keys."""
