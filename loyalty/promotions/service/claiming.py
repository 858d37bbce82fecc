"""Claiming the limits of promotions, and giving them back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.customers.values import CustomerID
from loyalty.promotions.models import PromotionRow, TotalRow, UseRow
from loyalty.promotions.queries.usage import Held, held_by_others
from loyalty.promotions.values.kept import QuoteID
from loyalty.promotions.values.states import PromotionID, StoredPromotion
from loyalty.purchases.values import PurchaseID


class UsedUp(Refused):
    """The last redemption, or the last of the budget, went to someone else."""

    code = "promotion_used_up"


@dataclass(frozen=True, kw_only=True, slots=True)
class Redemption:
    """What one promotion gives in one purchase; money in minor units."""

    promotion: StoredPromotion
    customer_id: CustomerID | None
    times: int
    amount: int
    points: int

    @property
    def is_limited(self) -> bool:
        """Test whether it uses a limit of the promotion's whole life up."""
        limits = self.promotion.promotion.limits
        return limits.total is not None or limits.budget is not None

    @property
    def needs_holding(self) -> bool:
        """Test whether it uses any limit up."""
        limits = self.promotion.promotion.limits
        return self.is_limited or not (
            limits.per_customer is None and limits.per_customer_per_day is None
        )


def redeem(
    session: Session,
    *,
    redemptions: Sequence[Redemption],
    purchase_id: PurchaseID,
    quote_id: QuoteID | None = None,
    at: datetime,
    now: datetime,
) -> None:
    """
    Claim what a purchase uses of promotions' limits, and write the uses down.

    The caller holds the customer's account, so that two purchases of one customer
    can't both count the same uses.

    :param quote_id: whose holds are not counted, as they are what is claimed
    :param at: when it was bought, on whose day the uses count
    :raises UsedUp: if the limits of one do not cover it whole any more
    """
    if not redemptions:
        return
    limited = [one for one in redemptions if one.is_limited]
    if limited:
        claim(session, redemptions=limited, quote_id=quote_id, counts=True, now=now)
    session.execute(
        plain_insert(UseRow),
        [
            {
                "promotion_id": one.promotion.id,
                "version": one.promotion.version,
                "purchase_id": purchase_id,
                "customer_id": one.customer_id,
                "at": at,
                "times": one.times,
                "amount": one.amount,
                "points": one.points,
            }
            for one in redemptions
        ],
    )


def claim(
    session: Session,
    *,
    redemptions: Sequence[Redemption],
    quote_id: QuoteID | None,
    counts: bool,
    now: datetime,
) -> None:
    """
    Lock the totals of limited promotions in a fixed order, and check what is left.

    Reservations are read after the locks are held, so that nobody adds one between.

    :param counts: whether the uses count from now on; a reservation's do not
    :raises UsedUp: if a total does not cover it, reservations included
    """
    by_id = {one.promotion.id: one for one in redemptions}
    wanted = insert(TotalRow).values(
        [
            {
                "promotion_id": promotion_id,
                "uses": 1 if counts else 0,
                "given": by_id[promotion_id].amount if counts else 0,
            }
            for promotion_id in sorted(by_id)
        ]
    )
    totals = session.execute(
        wanted.on_conflict_do_update(
            index_elements=[TotalRow.promotion_id],
            set_={
                "uses": TotalRow.uses + wanted.excluded.uses,
                "given": TotalRow.given + wanted.excluded.given,
            },
        ).returning(TotalRow.promotion_id, TotalRow.uses, TotalRow.given)
    ).all()
    held = held_by_others(
        session, promotion_ids=by_id.keys(), quote_id=quote_id, now=now
    )
    for promotion_id, uses, given in totals:
        one = by_id[promotion_id]
        asked = Held() if counts else Held(uses=1, amount=one.amount)
        others = held.get(promotion_id, Held())
        _check(
            one,
            uses=uses + asked.uses + others.uses,
            given=given + asked.amount + others.amount,
        )


def give_back(
    session: Session,
    *,
    purchase_id: PurchaseID,
    promotions: Collection[str],
    now: datetime,
) -> tuple[str, ...]:
    """
    Take the uses of these promotions by a purchase back, each once.

    :returns: the codes of the promotions whose uses were given back now
    """
    if not promotions:
        return ()
    given = session.execute(
        update(UseRow)
        .where(
            UseRow.purchase_id == purchase_id,
            UseRow.given_back_at.is_(None),
            UseRow.promotion_id.in_(
                select(PromotionRow.id).where(PromotionRow.code.in_(promotions))
            ),
        )
        .values(given_back_at=now)
        .returning(UseRow.promotion_id, UseRow.amount)
        .execution_options(synchronize_session=False)
    ).all()
    for promotion_id, amount in sorted((id_, amount) for id_, amount in given):
        session.execute(
            update(TotalRow)
            .where(TotalRow.promotion_id == promotion_id)
            .values(
                # Never below zero: a use of an unlimited version was not counted.
                uses=func.greatest(TotalRow.uses - 1, 0),
                given=func.greatest(TotalRow.given - amount, 0),
            )
            .execution_options(synchronize_session=False)
        )
    codes = select(PromotionRow.code).where(
        PromotionRow.id.in_([PromotionID(id_) for id_, _amount in given])
    )
    return tuple(session.scalars(codes.order_by(PromotionRow.code)))


def recount(session: Session, *, promotion_id: PromotionID) -> None:
    """Count the uses of a promotion anew, as when a version limits it that did not."""
    counted = (
        select(
            UseRow.promotion_id,
            func.count().label("uses"),
            func.sum(UseRow.amount).label("given"),
        )
        .where(UseRow.promotion_id == promotion_id, UseRow.given_back_at.is_(None))
        .group_by(UseRow.promotion_id)
    )
    statement = insert(TotalRow).from_select(["promotion_id", "uses", "given"], counted)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[TotalRow.promotion_id],
            set_={"uses": statement.excluded.uses, "given": statement.excluded.given},
        )
    )


def _check(redemption: Redemption, *, uses: int, given: int) -> None:
    limits = redemption.promotion.promotion.limits
    budget = limits.budget
    if (limits.total is not None and uses > limits.total) or (
        budget is not None and given > budget.amount
    ):
        code = redemption.promotion.promotion.code
        message = f"The promotion {code!r} was used up just now."
        raise UsedUp(message)
