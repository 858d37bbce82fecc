"""Measurements: one command each, printing one table or one JSON object."""
