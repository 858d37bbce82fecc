"""Making campaigns, and who is in them."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, any_, literal, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Invalid, Refused
from loyalty.customers.values import CustomerID
from loyalty.offers.models import CampaignMemberRow, CampaignPromotionRow, CampaignRow
from loyalty.offers.service.naming import promotion_ids
from loyalty.offers.values import (
    Campaign,
    CampaignID,
    CampaignState,
    NewCampaign,
    NothingBecause,
)

_BATCH = 2_000
_IDS = ARRAY(BigInteger)


class CampaignExists(Refused):
    """Another campaign has this code."""

    code = "campaign_exists"


class CampaignPlannedAlready(Refused):
    """The campaign's offers were made before."""

    code = "campaign_planned"


def create_campaign(
    session: Session, *, campaign: NewCampaign, actor: str, now: datetime
) -> CampaignID:
    """
    Keep a campaign as a draft.

    :raises Invalid: if its period is empty or a promotion does not exist
    :raises CampaignExists: if the code is taken
    """
    if campaign.starts_at >= campaign.ends_at:
        message = "The end must be later than the beginning."
        raise Invalid.field(pointer="/ends_at", message=message, code="period_empty")
    ids = promotion_ids(session, campaign.promotions)
    campaign_id = _add_draft(session, campaign, actor=actor, now=now)
    session.add_all(
        CampaignPromotionRow(campaign_id=campaign_id, promotion_id=promotion_id)
        for promotion_id in ids.values()
    )
    audit.record(
        session,
        now=now,
        actor=actor,
        action="campaign.create",
        subject=f"campaign:{campaign.code}",
        after={"promotions": list(campaign.promotions)},
    )
    session.flush()
    return campaign_id


def check_unplanned(campaign: Campaign) -> None:
    """
    Refuse a campaign whose offers are made.

    :raises CampaignPlannedAlready: if they are
    """
    if campaign.state is not CampaignState.DRAFT:
        message = f"The campaign {campaign.code!r} is planned already."
        raise CampaignPlannedAlready(message)


def add_members(
    session: Session, *, campaign: Campaign, groups: dict[CustomerID, bool]
) -> None:
    """Put customers into the campaign; True holds them out to compare with."""
    rows = [
        {"campaign_id": campaign.id, "customer_id": customer_id, "holdout": holdout}
        for customer_id, holdout in sorted(groups.items())
    ]
    for start in range(0, len(rows), _BATCH):
        session.execute(
            insert(CampaignMemberRow).on_conflict_do_nothing(),
            rows[start : start + _BATCH],
        )


def keep_nothing(
    session: Session,
    *,
    campaign: Campaign,
    because: Mapping[CustomerID, NothingBecause],
) -> None:
    """Note of members why they get no offer."""
    by_cause: defaultdict[NothingBecause, list[CustomerID]] = defaultdict(list)
    for customer_id, cause in because.items():
        by_cause[cause].append(customer_id)
    for cause, customer_ids in by_cause.items():
        session.execute(
            update(CampaignMemberRow)
            .where(
                CampaignMemberRow.campaign_id == campaign.id,
                CampaignMemberRow.customer_id == any_(literal(customer_ids, _IDS)),
            )
            .values(nothing_because=cause)
            .execution_options(synchronize_session=False)
        )


def mark_planned(session: Session, *, campaign: Campaign, now: datetime) -> None:
    """
    Note that the campaign's offers are made.

    :raises CampaignPlannedAlready: if they were before
    """
    changed = session.scalar(
        update(CampaignRow)
        .where(CampaignRow.id == campaign.id, CampaignRow.state == CampaignState.DRAFT)
        .values(state=CampaignState.PLANNED, planned_at=now)
        .returning(CampaignRow.id)
    )
    if changed is None:
        message = f"The campaign {campaign.code!r} is planned already."
        raise CampaignPlannedAlready(message)


def _add_draft(
    session: Session, campaign: NewCampaign, *, actor: str, now: datetime
) -> CampaignID:
    campaign_id: CampaignID | None = session.scalar(
        insert(CampaignRow)
        .values(
            code=campaign.code,
            name=campaign.name,
            state=CampaignState.DRAFT,
            starts_at=campaign.starts_at,
            ends_at=campaign.ends_at,
            offers_per_customer=campaign.offers_per_customer,
            holdout_percent=campaign.holdout_percent,
            discovery_percent=campaign.discovery_percent,
            budget=campaign.budget,
            most_offers=campaign.most_offers,
            redemption_value=campaign.redemption_value,
            explores=campaign.explores,
            created_at=now,
            created_by=actor,
        )
        .on_conflict_do_nothing(index_elements=[CampaignRow.code])
        .returning(CampaignRow.id)
    )
    if campaign_id is None:
        message = f"There is a campaign {campaign.code!r} already."
        raise CampaignExists(message)
    return campaign_id
