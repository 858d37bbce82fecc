"""The kind of failure that this package raises on purpose."""


class EmbeddedError(Exception):
    """The embedded servers cannot run; the message says what to do about it."""
