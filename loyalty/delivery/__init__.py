"""Delivery: who is told what, through which channel and when, each thing once."""
