"""What was bought, and how every point came and went."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint
from flask.typing import ResponseReturnValue

from loyalty.core.clock import utc_now
from loyalty.core.money import Money
from loyalty.points.queries import list_transfers
from loyalty.points.render import movement_words
from loyalty.points.values import Kind
from loyalty.portal.points import points_now
from loyalty.portal.views import here_profile, zone_of
from loyalty.purchases.queries import line_counts, list_purchases
from loyalty.stores.queries import list_stores
from loyalty.web.context import database
from loyalty.web.guards import requires_customer
from loyalty.web.surface import render

blueprint = Blueprint("purchases", __name__)

_SHOWN: Final = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One purchase."""

    at: datetime
    store: str
    paid: Money
    saved: Money
    lines: int
    points: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement:
    """One movement of points."""

    at: datetime
    what: str
    points: int
    balance_after: int


@blueprint.get("/wallet/purchases")
@requires_customer
def show() -> ResponseReturnValue:
    """Show the latest purchases and the points with their running balance."""
    now = utc_now()
    with database().transaction() as db:
        profile = here_profile(db)
        zone = zone_of(profile)
        stores = {store.id: store.name for store in list_stores(db)}
        purchases = list_purchases(db, customer_id=profile.id, limit=_SHOWN)
        counts = line_counts(db, purchase_ids=[one.id for one in purchases])
        transfers = list_transfers(db, customer_id=profile.id, limit=_SHOWN)
        earned = {
            one.purchase_id: one.points for one in transfers if one.kind is Kind.EARN
        }
        points = points_now(db, customer_id=profile.id, now=now)
    return render(
        "portal/purchases.html",
        visits=[
            Visit(
                at=one.at.astimezone(zone),
                store=stores.get(one.store_id, ""),
                paid=one.net,
                saved=one.discount,
                lines=counts.get(one.id, 0),
                points=earned.get(one.id, 0),
            )
            for one in purchases
        ],
        movements=[
            Movement(
                at=one.at.astimezone(zone),
                what=movement_words(one),
                points=one.points,
                balance_after=one.balance_after,
            )
            for one in transfers
        ],
        points=points,
    )
