"""What a return comes to.

Everything is computed from what was frozen at the sale and from all that came back so
far, so that any sequence of returns comes to what one return of everything would.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid, Problem, Refused
from loyalty.core.texts import gettext as _
from loyalty.promotions.queries import QuoteNotFound, quote_of_purchase
from loyalty.promotions.rules import compile_promotions, price
from loyalty.promotions.values import Quote
from loyalty.purchases.queries import get_sale, returned_so_far
from loyalty.purchases.rules import CantReturn, cover, kept_points, refund_of, settle
from loyalty.purchases.values import (
    PastReturn,
    Purchase,
    PurchaseID,
    ReturnedLine,
    ReturnKind,
    Sale,
    TenderShare,
)
from loyalty.stores.queries import get_programme
from loyalty.usecases.checkout.tenders import PAYMENT


class AlreadyCancelled(Refused):
    """The purchase was undone: nothing of it is left to return."""

    code = "already_cancelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnRequest:
    """What of a purchase comes back; ``lines`` None is all that is left, cancelled."""

    purchase_id: PurchaseID
    lines: tuple[tuple[str, Decimal], ...] | None
    actor: str
    request_key: str
    request_hash: bytes
    pointer: str = "/lines"
    """Where the lines stand in what was sent."""

    @property
    def kind(self) -> ReturnKind:
        """Whether some goods come back, or the purchase is undone."""
        return ReturnKind.CANCELLATION if self.lines is None else ReturnKind.RETURN


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """What a return comes to; amounts in minor units."""

    purchase: Purchase
    sale: Sale
    returned: Mapping[str, Decimal]
    """All that is back, this return included."""

    lines: tuple[ReturnedLine, ...]
    refund: int
    delivery: int
    points: int
    tenders: tuple[TenderShare, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing of the purchase is left with the customer."""
        return all(
            self.returned.get(name, Decimal(0)) == line.quantity
            for name, line in self.sale.lines.items()
        )

    @property
    def correction(self) -> int:
        """By how much the refund differs from what the units cost."""
        return self.refund - sum(line.net for line in self.lines)


def settle_return(
    session: Session,
    purchase: Purchase,
    past: tuple[PastReturn, ...],
    request: ReturnRequest,
) -> Settled:
    """
    Compute the whole of a return from all that is back with it.

    :raises Invalid: naming every line that can't come back
    :raises AlreadyCancelled: if the purchase was cancelled
    """
    if any(one.kind is ReturnKind.CANCELLATION for one in past):
        raise AlreadyCancelled(_("The whole purchase was cancelled before."))
    sale = get_sale(session, purchase_id=purchase.id)
    before = returned_so_far(past)
    wanted = _all_left(sale, before) if request.lines is None else dict(request.lines)
    if request.lines is not None:
        _check(request.lines, sale, before, pointer=request.pointer)
    returned, lines = settle(sale, before, wanted)
    refunded = sum(one.refund.amount for one in past)
    kept = _price_of_kept(session, purchase.id, returned)
    target = refund_of(sale, returned) if kept is None else sale.net - kept.net.amount
    refund = max(0, min(target, sale.net) - refunded)
    delivery = sale.delivery if request.lines is None else 0
    stay = kept_points(sale, returned)
    if kept is not None:
        stay = min(stay, kept.points_earned)
    earned = sum(share.points for share in sale.points)
    points = max(0, earned - stay - sum(one.points_taken for one in past))
    return Settled(
        purchase=purchase,
        sale=sale,
        returned=returned,
        lines=lines,
        refund=refund,
        delivery=delivery,
        points=points,
        tenders=_refunds(sale, past, refunded, refund + delivery),
    )


def _all_left(sale: Sale, before: Mapping[str, Decimal]) -> dict[str, Decimal]:
    left = {
        name: line.quantity - before.get(name, Decimal(0))
        for name, line in sale.lines.items()
    }
    return {name: quantity for name, quantity in left.items() if quantity}


def _check(
    lines: tuple[tuple[str, Decimal], ...],
    sale: Sale,
    before: Mapping[str, Decimal],
    *,
    pointer: str,
) -> None:
    """
    Test each line by itself.

    :raises Invalid: naming every line at fault
    """
    problems = []
    seen: set[str] = set()
    for place, (name, quantity) in enumerate(lines):
        if name not in sale.lines:
            message, code = _("The purchase has no such line."), "line_unknown"
            at = f"{pointer}/{place}/line"
            problems.append(Problem(pointer=at, message=message, code=code))
        elif name in seen:
            message, code = _("Another line has this name."), "line_twice"
            at = f"{pointer}/{place}/line"
            problems.append(Problem(pointer=at, message=message, code=code))
        else:
            try:
                settle(sale, before, {name: quantity})
            except CantReturn as refusal:
                at, message = f"{pointer}/{place}/quantity", f"{refusal.args[0]}."
                problems.append(
                    Problem(pointer=at, message=message, code="more_than_is_left")
                )
        seen.add(name)
    if problems:
        raise Invalid(problems)


def _price_of_kept(
    session: Session, purchase_id: PurchaseID, returned: Mapping[str, Decimal]
) -> Quote | None:
    """Price what is kept by the frozen versions, where the programme rechecks."""
    if not get_programme(session).recheck_thresholds:
        return None
    try:
        pricing = quote_of_purchase(session, purchase_id=purchase_id).pricing
    except QuoteNotFound:
        return None
    kept = tuple(
        replace(line, quantity=line.quantity - returned.get(line.line, Decimal(0)))
        for line in pricing.basket.lines
    )
    basket = replace(
        pricing.basket, lines=tuple(line for line in kept if line.quantity)
    )
    if not basket.lines:
        return None
    compiled = compile_promotions(pricing.documents)
    return price(compiled, basket, pricing.facts, pricing.programme)


def _refunds(
    sale: Sale, past: tuple[PastReturn, ...], refunded: int, now: int
) -> tuple[TenderShare, ...]:
    """Return what each tender gets back by this return, in their order."""
    earlier = refunded + sum(one.delivery.amount for one in past)
    tenders = sale.tenders or (
        TenderShare(tender=PAYMENT, amount=sale.net + sale.delivery),
    )
    before, after = cover(tenders, earlier), cover(tenders, earlier + now)
    return tuple(
        replace(
            late, amount=late.amount - early.amount, points=late.points - early.points
        )
        for early, late in zip(before, after, strict=True)
    )
