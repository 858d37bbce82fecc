"""Making campaigns."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Invalid, Refused
from loyalty.core.texts import gettext as _
from loyalty.offers.models import CampaignPromotionRow, CampaignRow
from loyalty.offers.schema import dump_audience, dump_trigger, dump_variants
from loyalty.offers.service.naming import promotion_ids
from loyalty.offers.values import (
    Campaign,
    CampaignID,
    CampaignState,
    NewCampaign,
)


class CampaignExists(Refused):
    """Another campaign has this code."""

    code = "campaign_exists"


class CampaignLaunched(Refused):
    """The campaign is no draft any more."""

    code = "campaign_launched"


def create_campaign(
    session: Session, *, campaign: NewCampaign, actor: str, now: datetime
) -> CampaignID:
    """
    Keep a campaign as a draft.

    :raises Invalid: if its period is empty or a promotion does not exist
    :raises CampaignExists: if the code is taken
    """
    _check(campaign)
    ids = promotion_ids(session, campaign.promotions)
    campaign_id = _add_draft(session, campaign, actor=actor, now=now)
    _choose(session, campaign_id, ids.values())
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


def change_draft(
    session: Session,
    *,
    campaign: Campaign,
    changes: Mapping[str, Any],
    actor: str,
    now: datetime,
) -> None:
    """
    Change a campaign that is not launched yet.

    :param changes: by their names in ``NewCampaign``; its code stays
    :raises Invalid: if its period is empty or a promotion does not exist
    :raises CampaignLaunched: if it is no draft any more
    """
    changed = replace(campaign, **changes)
    _check(changed)
    ids = promotion_ids(session, changed.promotions)
    row = session.get_one(CampaignRow, campaign.id, with_for_update=True)
    if row.state is not CampaignState.DRAFT:
        raise CampaignLaunched(_("It is launched: nothing of it changes any more."))
    for name, value in _columns(changed).items():
        setattr(row, name, value)
    session.execute(
        delete(CampaignPromotionRow).where(
            CampaignPromotionRow.campaign_id == campaign.id
        )
    )
    _choose(session, campaign.id, ids.values())
    audit.record(
        session,
        now=now,
        actor=actor,
        action="campaign.change",
        subject=f"campaign:{campaign.code}",
        after={"changed": sorted(changes)},
    )
    session.flush()


def _check(campaign: NewCampaign) -> None:
    if campaign.starts_at >= campaign.ends_at:
        message = _("The end must be later than the beginning.")
        raise Invalid.field(pointer="/ends_at", message=message, code="period_empty")


def _choose(session: Session, campaign_id: CampaignID, ids: Iterable[int]) -> None:
    session.add_all(
        CampaignPromotionRow(campaign_id=campaign_id, promotion_id=promotion_id)
        for promotion_id in ids
    )


def _columns(campaign: NewCampaign) -> dict[str, Any]:
    return {
        "name": campaign.name,
        "starts_at": campaign.starts_at,
        "ends_at": campaign.ends_at,
        "offers_per_customer": campaign.offers_per_customer,
        "holdout_percent": campaign.holdout_percent,
        "discovery_percent": campaign.discovery_percent,
        "budget": campaign.budget,
        "most_offers": campaign.most_offers,
        "redemption_value": campaign.redemption_value,
        "explores": campaign.explores,
        "audience": dump_audience(campaign.audience),
        "trigger": dump_trigger(campaign.trigger),
        "valid_days": campaign.valid_days,
        "template": campaign.template,
        "variants": dump_variants(campaign.variants),
    }


def _add_draft(
    session: Session, campaign: NewCampaign, *, actor: str, now: datetime
) -> CampaignID:
    campaign_id: CampaignID | None = session.scalar(
        insert(CampaignRow)
        .values(
            code=campaign.code,
            **_columns(campaign),
            state=CampaignState.DRAFT,
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
