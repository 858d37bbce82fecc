"""How long things take."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import ParamSpec, TypeVar

_MILLISECONDS = 1_000

Result = TypeVar("Result")
Taken = ParamSpec("Taken")


@dataclass(slots=True)
class Timed:
    """
    How long one thing took, each time that it was done, in seconds.

    ``wall`` is what a customer waits, ``cpu`` what this process computed: the better
    figure on a machine that does something else as well.
    """

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def call(
        self,
        doing: Callable[Taken, Result],
        *arguments: Taken.args,
        **named: Taken.kwargs,
    ) -> Result:
        """Do it once more, and note how long it took."""
        cpu, wall = time.process_time(), time.perf_counter()
        result = doing(*arguments, **named)
        self.wall.append(time.perf_counter() - wall)
        self.cpu.append(time.process_time() - cpu)
        return result


def middle(seconds: Sequence[float]) -> float:
    """Return the median, in milliseconds."""
    return median(seconds) * _MILLISECONDS


def p95(seconds: Sequence[float]) -> float:
    """Return what 95 of 100 times are no longer than, in milliseconds."""
    return sorted(seconds)[int(len(seconds) * 0.95)] * _MILLISECONDS
