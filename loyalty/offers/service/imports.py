"""Taking over past campaigns of another system, by PostgreSQL's COPY."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from loyalty.core.database import copy_rows
from loyalty.customers.values import CustomerID
from loyalty.offers.models import PastCampaignRow, PastOfferRow
from loyalty.offers.values import PastCampaign, PastRedemption

_RECIPIENTS = "COPY past_recipient (campaign_id, customer_id, holdout) FROM STDIN"
_REDEMPTIONS = "COPY past_redemption (offer_id, customer_id, day) FROM STDIN"


def import_campaigns(
    session: Session,
    *,
    campaigns: Sequence[PastCampaign],
    recorded_by: str,
    now: datetime,
) -> None:
    """
    Add past campaigns with their offers, and with whom they reached if that is given.

    :raises sqlalchemy.exc.IntegrityError: if a campaign's code is taken
    """
    for campaign in campaigns:
        row = PastCampaignRow(
            code=campaign.code,
            kind=campaign.kind,
            first_day=campaign.first_day,
            last_day=campaign.last_day,
            recorded_at=now,
            recorded_by=recorded_by,
        )
        session.add(row)
        session.flush()
        session.add_all(
            PastOfferRow(
                campaign_id=row.id,
                code=offer.code,
                reward=offer.reward,
                percent=offer.percent,
                price=offer.price,
                skus=list(offer.skus),
                categories=list(offer.categories),
            )
            for offer in campaign.offers
        )
        session.flush()
    add_recipients(
        session,
        recipients=[
            (campaign.code, customer_id, held_out)
            for campaign in campaigns
            for group, held_out in (
                (campaign.reached, False),
                (campaign.held_out, True),
            )
            for customer_id in group
        ],
    )
    add_redemptions(
        session,
        redemptions=[
            (campaign.code, redemption)
            for campaign in campaigns
            for redemption in campaign.redemptions
        ],
    )


def add_recipients(
    session: Session, *, recipients: Iterable[tuple[str, CustomerID, bool]]
) -> None:
    """
    Add customers whom past campaigns reached; True: who were held out.

    :raises sqlalchemy.exc.IntegrityError: if one is in the campaign already
    """
    rows = session.execute(select(PastCampaignRow.code, PastCampaignRow.id))
    ids = {code: id_ for code, id_ in rows}  # noqa: C416  # rows are no pairs
    found = ((ids[code], who, held_out) for code, who, held_out in recipients)
    copy_rows(session, _RECIPIENTS, found)


def add_redemptions(
    session: Session, *, redemptions: Iterable[tuple[str, PastRedemption]]
) -> None:
    """
    Add what became of past campaigns' offers.

    :raises sqlalchemy.exc.IntegrityError: if one is recorded already
    """
    rows = session.execute(
        select(PastCampaignRow.code, PastOfferRow.code, PastOfferRow.id).join(
            PastOfferRow, PastOfferRow.campaign_id == PastCampaignRow.id
        )
    )
    ids = {(campaign, offer): id_ for campaign, offer, id_ in rows}
    found = (
        (ids[code, one.offer], one.customer_id, one.day) for code, one in redemptions
    )
    copy_rows(session, _REDEMPTIONS, found)
