"""The database's schema, step by step. Versions import no models."""
