"""Making campaigns."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Invalid, Refused
from loyalty.offers.models import CampaignPromotionRow, CampaignRow
from loyalty.offers.schema import dump_audience, dump_trigger, dump_variants
from loyalty.offers.service.naming import promotion_ids
from loyalty.offers.values import CampaignID, CampaignState, NewCampaign


class CampaignExists(Refused):
    """Another campaign has this code."""

    code = "campaign_exists"


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
            audience=dump_audience(campaign.audience),
            trigger=dump_trigger(campaign.trigger),
            valid_days=campaign.valid_days,
            template=campaign.template,
            variants=dump_variants(campaign.variants),
            withdrawn=False,
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
