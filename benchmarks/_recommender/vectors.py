"""Random vectors of customers and targets, in a file that everybody reads."""

import json
import sys

import numpy as np

from benchmarks._recommender.effort import COMPONENTS, SEED, TARGETS


def main() -> None:
    """Write so many customers as are asked for, and the targets, to the path."""
    asked = json.load(sys.stdin)
    chance = np.random.default_rng(SEED)
    np.savez(
        asked["vectors"],
        targets=chance.standard_normal((TARGETS, COMPONENTS), np.float32),
        customers=chance.standard_normal((asked["customers"], COMPONENTS), np.float32),
    )
    sys.stdout.write("{}\n")


if __name__ == "__main__":
    main()
