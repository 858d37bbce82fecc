"""
Sharing what a line cost, and what promotions took off it, over its units.

Every unit of a line costs the same before discounts. An application's amount is
divided by the number of units; the minor units that are left over are dealt one by
one, going on where the application before stopped, and starting again with the first
unit. That is largest remainder (all remainders are equal), and no unit gets two more
than another whatever the number of applications: so none ever costs less than nothing.

A weighed line is one unit that can be given back in parts by weight. What was given
back of it in all costs its share of the line, rounded half up; a return costs the
difference that it makes.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from loyalty.core.money import round_half_up
from loyalty.purchases.values import LineShares, Run, SoldLine


def share_line(
    *, gross: int, units: int | None, applications: Mapping[str, int]
) -> LineShares:
    """
    Return what each unit costs, and what each application takes off it.

    :param gross: of the line, in minor units
    :param units: None for a weighed line
    :param applications: what promotions take off the line, the older first
    """
    net = gross - sum(applications.values())
    if units is None:
        return LineShares(
            units=None,
            net=((net, 1),),
            applications={code: ((off, 1),) for code, off in applications.items()},
        )
    shares: dict[str, list[int]] = {}
    at = 0
    costs = [gross // units] * units
    for code, amount in applications.items():
        each, left = divmod(amount, units)
        dealt = {(at + place) % units for place in range(left)}
        at = (at + left) % units
        shares[code] = [each + (unit in dealt) for unit in range(units)]
        costs = [c - off for c, off in zip(costs, shares[code], strict=True)]
    return LineShares(
        units=units,
        net=_runs(costs),
        applications={code: _runs(parts) for code, parts in shares.items()},
    )


def part_of(line: SoldLine, returned: Decimal) -> tuple[int, dict[str, int]]:
    """
    Return what so much of a line costs, and what was taken off it by each promotion.

    :param returned: how much of it, from the first unit on
    """
    shares = line.shares
    if shares.units is None:
        part = Fraction(returned) / Fraction(line.quantity)
        return (
            _by_weight(shares.net, part),
            {
                code: _by_weight(runs, part)
                for code, runs in shares.applications.items()
            },
        )
    count = int(returned)
    return (
        _first(shares.net, count),
        {code: _first(one, count) for code, one in shares.applications.items()},
    )


def _by_weight(runs: tuple[Run, ...], part: Fraction) -> int:
    return round_half_up(part * sum(amount * count for amount, count in runs))


def _first(runs: tuple[Run, ...], units: int) -> int:
    """Return the sum of the first so many units' shares."""
    result = 0
    for amount, count in runs:
        taken = min(units, count)
        result += amount * taken
        units -= taken
    return result


def _runs(amounts: list[int]) -> tuple[Run, ...]:
    """Write equal neighbours as one run: the amount, and how often."""
    runs: list[list[int]] = []
    for amount in amounts:
        if runs and runs[-1][0] == amount:
            runs[-1][1] += 1
        else:
            runs.append([amount, 1])
    return tuple((amount, count) for amount, count in runs)
