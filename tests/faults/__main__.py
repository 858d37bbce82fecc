"""A storm of any size: ``python -m tests.faults --messages 200000 --kills 200``."""

import argparse

from tests.faults.storm import Storm, weather


def main() -> None:
    """Run one storm and print its table; exit status 1 if anything must not be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    outcome = weather(Storm(**vars(given)))
    for line in outcome.report():
        print(line)  # noqa: T201  # the table is the point
    raise SystemExit(1 if outcome.ledger.problems() else 0)


if __name__ == "__main__":
    main()
