"""Deliveries: whether messages leave, which ones, one's whole story, and the brakes."""
