"""
What a return comes to: the refund, the points, the uses.

Everything is computed from all that came back so far, this return included, and what
earlier returns brought is taken off. So any sequence of partial returns comes to
exactly what returning all of it at once would.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from loyalty.purchases.rules.sharing import part_of
from loyalty.purchases.values import (
    PointsShare,
    ReturnedLine,
    Sale,
    SoldLine,
    TenderShare,
)

Returned = Mapping[str, Decimal]
"""How much of each line came back; lines left out did not."""


class CantReturn(ValueError):
    """So much of the line can't come back; the message says why."""


def settle(
    sale: Sale, before: Returned, wanted: Returned
) -> tuple[dict[str, Decimal], tuple[ReturnedLine, ...]]:
    """
    Return how much of each line is back after a return, and what it comes to by line.

    :raises CantReturn: if a unit would be divided, or more come back than is left;
        its second argument is the line
    """
    after = {line: Decimal(quantity) for line, quantity in before.items()}
    lines = []
    for name, quantity in wanted.items():
        sold = sale.lines[name]
        earlier = after.get(name, Decimal(0))
        _check(sold, earlier, quantity)
        after[name] = earlier + quantity
        lines.append(_difference(sold, earlier, after[name]))
    return after, tuple(lines)


def refund_of(sale: Sale, returned: Returned) -> int:
    """Return what was paid for all that came back, in minor units."""
    return sum(
        part_of(sale.lines[line], quantity)[0] for line, quantity in returned.items()
    )


def everything_is_back(sale: Sale, returned: Returned) -> bool:
    """Test whether nothing of the purchase was kept."""
    return all(
        returned.get(name, Decimal(0)) >= line.quantity
        for name, line in sale.lines.items()
    )


def kept_points(sale: Sale, returned: Returned) -> int:
    """
    Return how many of the points that were earned stay with what was kept.

    The programme's: what the kept goods would have earned alone. A promotion's: in
    proportion to what was paid for the goods that it was for, rounded up, so for the
    member. With everything back none stay.
    """
    if everything_is_back(sale, returned):
        return 0
    return sum(_kept(share, sale, returned) for share in sale.points)


def whole_applications(sale: Sale, returned: Returned) -> frozenset[str]:
    """
    Return the promotions all of whose reduced goods came back.

    One that reduced no goods (a delivery, points) is back with the last of the goods.
    """
    back = everything_is_back(sale, returned)
    whole = set()
    for code in sale.promotions:
        reduced = [
            line for line in sale.lines.values() if line.shares.applications.get(code)
        ]
        gone = all(returned.get(r.line, Decimal(0)) >= r.quantity for r in reduced)
        if back or (reduced and gone):
            whole.add(code)
    return frozenset(whole)


def cover(tenders: Sequence[TenderShare], refunded: int) -> tuple[TenderShare, ...]:
    """
    Share all that was refunded so far over the tenders, in their order.

    Each gets back at most what it paid, and the points that were worth it.
    """
    shares = []
    for tender in tenders:
        amount = min(refunded, tender.amount)
        refunded -= amount
        points = tender.points * amount // tender.amount if tender.amount else 0
        shares.append(replace(tender, amount=amount, points=points))
    return tuple(shares)


def _check(sold: SoldLine, earlier: Decimal, quantity: Decimal) -> None:
    left = sold.quantity - earlier
    if sold.shares.units is not None and quantity % 1:
        message = f"line {sold.line} was sold by the unit: return whole units"
        raise CantReturn(message, sold.line)
    if quantity > left:
        message = f"of line {sold.line} only {left.normalize():f} can come back"
        raise CantReturn(message, sold.line)


def _difference(sold: SoldLine, earlier: Decimal, now: Decimal) -> ReturnedLine:
    was, was_off = part_of(sold, earlier)
    net, off = part_of(sold, now)
    return ReturnedLine(
        line=sold.line,
        sku=sold.sku,
        quantity=now - earlier,
        net=net - was,
        applications={code: off[code] - was_off[code] for code in off},
    )


def _kept(share: PointsShare, sale: Sale, returned: Returned) -> int:
    lines = sale.lines if share.lines is None else share.lines
    paid = sum(part_of(sale.lines[n], sale.lines[n].quantity)[0] for n in lines)
    back = sum(part_of(sale.lines[n], returned.get(n, Decimal(0)))[0] for n in lines)
    kept = paid - back
    if share.points_per is not None:
        points, per = share.points_per
        return min(share.points, points * kept // per)
    if not paid:
        return share.points
    return -(-share.points * kept // paid)
