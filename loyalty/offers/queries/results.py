"""What the groups of a campaign did, added up where the rows are."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Float,
    Interval,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Session

from loyalty.catalogue.models import ProductRow
from loyalty.customers.models import ConsentRow, CustomerRow
from loyalty.customers.queries import STANDING
from loyalty.customers.values import Purpose
from loyalty.offers.models import CampaignMemberRow, CampaignRunRow, OfferRow
from loyalty.offers.rules import Moments
from loyalty.offers.values import CampaignID, CampaignRunID, OfferState
from loyalty.offers.values.results import Measure, Used
from loyalty.purchases.models import PurchaseLineRow, PurchaseRow, ReturnRow

BEFORE: Final = timedelta(weeks=12)
"""The time before a campaign against which its members are compared."""


class Cell(NamedTuple):
    """Customers of a campaign who were treated alike, and what they did."""

    run_id: CampaignRunID | None
    """None: in all runs together."""

    holdout: bool
    variant: str | None
    moments: Mapping[Measure, Moments]


def cells(
    session: Session,
    *,
    campaign_id: CampaignID,
    until: datetime,
    by_run: bool = False,
) -> tuple[Cell, ...]:
    """
    Return what the groups of a campaign did, each customer counted as they were drawn.

    Whoever is in a group counts in it whether they got, read or used anything or not
    (intent to treat): of the run's time with ``by_run``, else from their first run
    until the end of their last.
    """
    figures = _figures(_members(campaign_id, until, by_run=by_run))
    columns = [
        column
        for measure in Measure
        for column in _sums(figures.c[f"x_{measure}"], figures.c[f"y_{measure}"])
    ]
    groups = (figures.c.run_id, figures.c.holdout, figures.c.variant)
    rows = session.execute(
        select(*groups, func.count(), *columns).group_by(*groups).order_by(*groups)
    )
    return tuple(
        Cell(
            run_id=CampaignRunID(row[0]) if by_run else None,
            holdout=row[1],
            variant=row[2],
            moments={
                measure: Moments(
                    n=row[3],
                    **dict(
                        zip(
                            ("x", "y", "xx", "yy", "xy"),
                            map(float, row[4 + 5 * place : 9 + 5 * place]),
                            strict=True,
                        )
                    ),
                )
                for place, measure in enumerate(Measure)
            },
        )
        for row in rows
    )


def uses(
    session: Session, *, campaign_id: CampaignID
) -> dict[tuple[CampaignRunID, str | None], Used]:
    """Return what became of offers, by run and variant."""
    redeemed = OfferRow.state == OfferState.REDEEMED
    who = OfferRow.customer_id.distinct()
    rows = session.execute(
        select(
            OfferRow.run_id,
            CampaignMemberRow.variant,
            func.count(who),
            func.count(),
            func.count().filter(redeemed),
            func.count(who).filter(redeemed),
            func.count().filter(OfferRow.state == OfferState.DISMISSED),
        )
        .join(
            CampaignMemberRow,
            and_(
                CampaignMemberRow.run_id == OfferRow.run_id,
                CampaignMemberRow.customer_id == OfferRow.customer_id,
            ),
        )
        .where(OfferRow.campaign_id == campaign_id)
        .group_by(OfferRow.run_id, CampaignMemberRow.variant)
    )
    return {
        (run_id, variant): Used(
            customers=customers,
            offers=offers,
            redeemed=used,
            redeemers=redeemers,
            dismissed=dismissed,
        )
        for run_id, variant, customers, offers, used, redeemers, dismissed in rows
    }


def _members(campaign_id: CampaignID, until: datetime, *, by_run: bool) -> CTE:
    """Return each member with the time that counts for them."""
    member, run = CampaignMemberRow, CampaignRunRow
    run_id = member.run_id if by_run else literal(0)
    return (
        select(
            member.customer_id,
            cast(run_id, BigInteger).label("run_id"),
            func.bool_or(member.holdout).label("holdout"),
            func.max(member.variant).label("variant"),
            func.min(run.starts_at).label("starts"),
            func.least(func.max(run.ends_at), until).label("ends"),
        )
        .join(run, run.id == member.run_id)
        .where(member.campaign_id == campaign_id, run.starts_at < until)
        .group_by(member.customer_id, cast(run_id, BigInteger))
        .cte("members")
    )


def _figures(members: CTE) -> CTE:
    """Return one row of figures for each member."""
    bought = _bought(members)
    zero = literal(0)
    left = exists().where(
        ConsentRow.customer_id == members.c.customer_id,
        ConsentRow.purpose == Purpose.MARKETING,
        ConsentRow.given.is_(False),
        ConsentRow.asked.is_(False),
        ConsentRow.at >= members.c.starts,
        ConsentRow.at < members.c.ends,
    )
    before = func.coalesce(bought.c.before, zero)
    figures: Mapping[Measure, tuple[ColumnElement[Any], ColumnElement[Any]]] = {
        Measure.SPENT: (before, func.coalesce(bought.c.spent, zero)),
        Measure.BOUGHT: (
            case((bought.c.times_before > 0, 1), else_=0),
            case((bought.c.times > 0, 1), else_=0),
        ),
        Measure.MARGIN: (before, func.coalesce(bought.c.margin, zero)),
        Measure.LEFT: (zero, case((left, 1), else_=0)),
    }
    return (
        select(
            members.c.run_id,
            members.c.holdout,
            members.c.variant,
            *(x.label(f"x_{name}") for name, (x, _) in figures.items()),
            *(y.label(f"y_{name}") for name, (_, y) in figures.items()),
        )
        .outerjoin(
            bought,
            and_(
                bought.c.customer_id == members.c.customer_id,
                bought.c.run_id == members.c.run_id,
            ),
        )
        .cte("figures")
    )


def _bought(members: CTE) -> CTE:
    """Return what each member bought before and during, on any of their records."""
    came_back = (
        select(ReturnRow.purchase_id, func.sum(ReturnRow.refund).label("refund"))
        .group_by(ReturnRow.purchase_id)
        .subquery()
    )
    cost = ProductRow.cost * PurchaseLineRow.quantity
    margin = (
        select(
            PurchaseLineRow.purchase_id,
            func.sum(PurchaseLineRow.net - cost).label("margin"),
        )
        .join(ProductRow, ProductRow.sku == PurchaseLineRow.sku)
        .where(
            ProductRow.cost.is_not(None), PurchaseLineRow.purchase_id == PurchaseRow.id
        )
        .group_by(PurchaseLineRow.purchase_id)
        .lateral()
    )
    during = PurchaseRow.at >= members.c.starts
    paid = PurchaseRow.net - func.coalesce(came_back.c.refund, 0)
    return (
        select(
            members.c.customer_id,
            members.c.run_id,
            func.sum(paid).filter(~during).label("before"),
            func.sum(paid).filter(during).label("spent"),
            func.count().filter(~during).label("times_before"),
            func.count().filter(during).label("times"),
            func.sum(margin.c.margin).filter(during).label("margin"),
        )
        .select_from(members)
        .join(CustomerRow, members.c.customer_id == STANDING)
        .join(
            PurchaseRow,
            and_(
                PurchaseRow.customer_id == CustomerRow.id,
                PurchaseRow.at >= members.c.starts - literal(BEFORE, Interval),
                PurchaseRow.at < members.c.ends,
            ),
        )
        .outerjoin(came_back, came_back.c.purchase_id == PurchaseRow.id)
        .outerjoin(margin, during)
        .group_by(members.c.customer_id, members.c.run_id)
        .cte("bought")
    )


def _sums(
    x: ColumnElement[Any], y: ColumnElement[Any]
) -> tuple[ColumnElement[Any], ...]:
    a, b = cast(x, Float), cast(y, Float)
    return tuple(func.sum(one) for one in (a, b, a * a, b * b, a * b))
