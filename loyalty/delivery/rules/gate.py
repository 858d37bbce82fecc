"""How fast a provider may be used: a token bucket and a circuit breaker.

The bucket (J. Turner, "New directions in communications", 1986) fills with ``rate``
tokens a second up to ``burst``; a message takes one. The breaker (M. Nygard, *Release
It!*, chapter 5) opens after some failures in a row, lets one message try once it has
cooled off, and closes when that one gets through.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

BREAKS_AFTER: Final = 5
"""So many times in a row the provider must have taken nothing."""

PROBE: Final = 1
"""How many messages try whether a broken circuit holds again."""

PROBE_LASTS: Final = timedelta(seconds=60)
"""After that another one may try: whoever tried is gone."""

_FIRST_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(minutes=5)
_LONGEST_WAIT: Final = timedelta(hours=1)
"""So long a provider is left alone at its word; then we ask again."""


class Circuit(Enum):
    """Whether a provider is used."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    """It has cooled off: one message may try."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """What stands between us and a provider; times are the machine's."""

    rate: float | None = None
    """Messages a second; None: as fast as it goes."""

    burst: float = 1.0
    tokens: float = 1.0
    refilled_at: datetime
    failures: int = 0
    open_until: datetime | None = None
    not_before: datetime | None = None

    def circuit(self, now: datetime) -> Circuit:
        """Return whether the provider is used now."""
        if self.failures < BREAKS_AFTER:
            return Circuit.CLOSED
        cooling = self.open_until is not None and now < self.open_until
        return Circuit.OPEN if cooling else Circuit.HALF_OPEN


def closed_until(gate: Gate, *, now: datetime) -> datetime | None:
    """Return until when nothing is let through; None: something may go."""
    waits = [gate.not_before] if gate.not_before and now < gate.not_before else []
    if gate.circuit(now) is Circuit.OPEN and gate.open_until is not None:
        waits.append(gate.open_until)
    return max(waits, default=None)


def ask(gate: Gate, *, wanted: int, now: datetime) -> tuple[int, Gate]:
    """Return how many messages may go now, and the gate after they were let through."""
    if wanted <= 0 or closed_until(gate, now=now) is not None:
        return 0, gate
    if gate.circuit(now) is Circuit.HALF_OPEN:
        wanted = min(wanted, PROBE)
        gate = replace(gate, open_until=now + PROBE_LASTS)
    if gate.rate is None:
        return wanted, gate
    gone_by = max((now - gate.refilled_at).total_seconds(), 0.0)
    tokens = min(gate.burst, gate.tokens + gone_by * gate.rate)
    granted = min(wanted, int(tokens))
    return granted, replace(gate, tokens=tokens - granted, refilled_at=now)


def give_back(gate: Gate, *, unused: int) -> Gate:
    """Return the gate with tokens back that nothing was sent for."""
    if gate.rate is None:
        return gate
    return replace(gate, tokens=min(gate.burst, gate.tokens + unused))


def succeeded(gate: Gate) -> Gate:
    """Return the gate after the provider took something."""
    return replace(gate, failures=0, open_until=None)


def failed(gate: Gate, *, now: datetime, retry_after: float | None = None) -> Gate:
    """
    Return the gate after the provider took nothing at all.

    :param retry_after: in how many seconds it wants to be asked again, if it said so;
        it is alive then, and its circuit is not broken for it
    """
    if retry_after is not None:
        wait = min(timedelta(seconds=max(retry_after, 0.0)), _LONGEST_WAIT)
        return replace(gate, not_before=now + wait)
    failures = gate.failures + 1
    open_until = gate.open_until
    if failures >= BREAKS_AFTER:
        doublings = min(failures - BREAKS_AFTER, 10)
        open_until = now + min(_FIRST_PAUSE * 2**doublings, _LONGEST_PAUSE)
    return replace(gate, failures=failures, open_until=open_until)
