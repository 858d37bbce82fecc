"""Past campaigns: their offers, whom they reached, and what was redeemed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core.errors import Invalid
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import known_recipients, past_codes, past_outlines
from loyalty.offers.values import PastCampaign, PastOffer, PastRedemption
from loyalty.stores.values import Programme
from loyalty.usecases.import_tables.members import find_member
from loyalty.usecases.import_tables.reading import Cells, Reading, Row, read_all

CAMPAIGN_COLUMNS: Final = (
    "campaign",
    "kind",
    "first_day",
    "last_day",
    "offer",
    "reward",
    "percent",
    "price",
    "skus",
    "categories",
)
"""One row an offer. ``kind`` and ``reward`` are the other system's words; ``percent``
of the price was taken off; ``price`` is what the goods of one use usually cost;
``skus`` and ``categories`` (paths) are parted by spaces, one of the two is needed."""

RECIPIENT_COLUMNS: Final = ("campaign", "customer", "holdout")
"""``holdout`` is yes for who was drawn by lot to get nothing."""

REDEMPTION_COLUMNS: Final = ("campaign", "offer", "customer", "day")

_PATH = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """Somebody whom a past campaign reached, or held out."""

    campaign: str
    customer_id: CustomerID
    holdout: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Redemption:
    """What became of an offer of a past campaign."""

    campaign: str
    redemption: PastRedemption


def read_campaigns(
    session: Session, rows: Iterable[Row], *, currency: str
) -> Reading[PastCampaign]:
    """Read a table of past campaigns; one whose code is taken is bad."""
    taken = past_codes(session)
    found: dict[str, PastCampaign] = {}

    def read(cells: Cells) -> str:
        campaign = _campaign(cells, currency)
        if campaign.code in taken:
            raise _wrong(
                column="campaign", message="There is a campaign with this code already."
            )
        first = found.setdefault(campaign.code, replace(campaign, offers=()))
        if first != replace(campaign, offers=first.offers):
            message = "An earlier row says otherwise of this campaign's kind or days."
            raise _wrong(column="campaign", message=message)
        offers = first.offers + campaign.offers
        if len({offer.code for offer in offers}) < len(offers):
            raise _wrong(
                column="offer",
                message="The campaign has an offer with this code already.",
            )
        found[campaign.code] = replace(first, offers=offers)
        return campaign.code

    reading = read_all(rows, read)
    return Reading(
        items=tuple(found[code] for code in dict.fromkeys(reading.items)),
        bad=reading.bad,
    )


def read_recipients(
    session: Session, rows: Iterable[Row], *, programme: Programme
) -> Reading[Recipient]:
    """Read whom past campaigns reached; somebody who is in it already is bad."""
    outlines = past_outlines(session)
    seen = {(code, who) for code, who, _held_out in known_recipients(session)}

    def read(cells: Cells) -> Recipient:
        campaign = _known(cells, outlines)
        who = find_member(session, cells, programme)
        if (campaign.code, who) in seen:
            raise _wrong(
                column="customer", message="The campaign has this customer already."
            )
        seen.add((campaign.code, who))
        return Recipient(
            campaign=campaign.code, customer_id=who, holdout=cells.flag("holdout")
        )

    return read_all(rows, read)


def read_redemptions(
    session: Session, rows: Iterable[Row], *, programme: Programme
) -> Reading[Redemption]:
    """Read what was redeemed, by whom the campaign had reached, while it lasted."""
    outlines = past_outlines(session)
    reached = {
        (code, who) for code, who, held_out in known_recipients(session) if not held_out
    }
    seen = {
        (code, one)
        for code, campaign in outlines.items()
        for one in campaign.redemptions
    }

    def read(cells: Cells) -> Redemption:
        campaign = _known(cells, outlines)
        offer, day = cells.needed("offer"), cells.needed_day("day")
        if offer not in {one.code for one in campaign.offers}:
            raise _wrong(column="offer", message="The campaign has no such offer.")
        if not campaign.first_day <= day <= campaign.last_day:
            message = (
                f"The campaign was from {campaign.first_day} to {campaign.last_day}."
            )
            raise _wrong(column="day", message=message)
        who = find_member(session, cells, programme)
        if (campaign.code, who) not in reached:
            message = "The campaign did not reach this customer: import recipients."
            raise _wrong(column="customer", message=message)
        redemption = PastRedemption(who, offer, day)
        if (campaign.code, redemption) in seen:
            raise _wrong(column="day", message="This redemption is recorded already.")
        seen.add((campaign.code, redemption))
        return Redemption(campaign=campaign.code, redemption=redemption)

    return read_all(rows, read)


def _campaign(cells: Cells, currency: str) -> PastCampaign:
    first_day, last_day = cells.needed_day("first_day"), cells.needed_day("last_day")
    if last_day < first_day:
        raise _wrong(column="last_day", message="The last day is not before the first.")
    price = cells.money("price", currency)
    offer = PastOffer(
        code=cells.needed("offer"),
        skus=cells.words("skus"),
        categories=cells.words("categories"),
        reward=cells.text("reward"),
        percent=cells.number("percent", most=100),
        price=None if price is None else price.amount,
    )
    if not offer.skus and not offer.categories:
        raise _wrong(
            column="skus", message="An offer is for some products or categories."
        )
    if not all(_PATH.fullmatch(path) for path in offer.categories):
        raise _wrong(
            column="categories", message="A category is a path such as drinks/coffee."
        )
    return PastCampaign(
        code=cells.needed("campaign"),
        kind=cells.text("kind") or "",
        first_day=first_day,
        last_day=last_day,
        offers=(offer,),
    )


def _known(cells: Cells, outlines: dict[str, PastCampaign]) -> PastCampaign:
    found = outlines.get(cells.needed("campaign"))
    if found is None:
        message = "There is no such past campaign: import campaigns first."
        raise _wrong(column="campaign", message=message)
    return found


def _wrong(*, column: str, message: str) -> Invalid:
    return Invalid.field(pointer=f"/{column}", message=message)
