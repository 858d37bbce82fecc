"""Random vectors of customers and targets, in files that everybody reads."""

import json
import sys
from pathlib import Path

import numpy as np

from benchmarks._recommender.effort import COMPONENTS, SEED, TARGETS


def main() -> None:
    """Write so many customers as are asked for, and the targets, to the folder."""
    asked = json.load(sys.stdin)
    folder, chance = Path(asked["vectors"]), np.random.default_rng(SEED)
    for name, count in (("targets", TARGETS), ("customers", asked["customers"])):
        vectors = chance.standard_normal((count, COMPONENTS), np.float32)
        vectors.tofile(folder / name)
    sys.stdout.write("{}\n")


if __name__ == "__main__":
    main()
