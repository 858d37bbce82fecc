"""How long a request waits for figures that could always be better."""

from time import monotonic


class Patience:
    """Tells whether the time is up; it runs from the first question on."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: float | None = None

    def __call__(self) -> bool:
        """Test whether the time is up."""
        if self._until is None:
            self._until = monotonic() + self._seconds
        return monotonic() > self._until
