"""Making campaigns and offers, and noting what became of them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Invalid, Refused
from loyalty.customers.queries import select_records
from loyalty.customers.values import CustomerID
from loyalty.offers import queries
from loyalty.offers.models import (
    CampaignMemberRow,
    CampaignPromotionRow,
    CampaignRow,
    OfferRow,
)
from loyalty.offers.rules import data_of, event_of
from loyalty.offers.values import (
    Campaign,
    CampaignID,
    CampaignState,
    NewCampaign,
    NewOffer,
    OfferID,
    OfferState,
)
from loyalty.promotions.models import PromotionRow
from loyalty.webhooks import service as webhooks
from loyalty.webhooks.values import EventType

_BATCH = 2_000


class CampaignExists(Refused):
    """Another campaign has this code."""

    code = "campaign_exists"


class CampaignPlannedAlready(Refused):
    """The campaign's offers were made before."""

    code = "campaign_planned"


class OfferClosed(Refused):
    """The offer was redeemed, dismissed or has ended."""

    code = "offer_closed"


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
    promotion_ids = _promotion_ids(session, campaign.promotions)
    campaign_id = _add_draft(session, campaign, actor=actor, now=now)
    session.add_all(
        CampaignPromotionRow(campaign_id=campaign_id, promotion_id=promotion_id)
        for promotion_id in promotion_ids.values()
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


def make_offers(
    session: Session, *, campaign: Campaign, offers: Sequence[NewOffer], now: datetime
) -> int:
    """
    Make the offers, valid for the campaign's period; making one again does nothing.

    :returns: how many offers are new
    """
    ids = _promotion_ids(session, {offer.promotion for offer in offers})
    made = 0
    for start in range(0, len(offers), _BATCH):
        rows = [
            {
                "customer_id": offer.customer_id,
                "campaign_id": campaign.id,
                "promotion_id": ids[offer.promotion],
                "score": offer.score,
                "reason": offer.reason,
                "model_version": offer.model_version,
                "valid_from": campaign.starts_at,
                "valid_until": campaign.ends_at,
                "state": OfferState.OFFERED,
                "created_at": now,
            }
            for offer in offers[start : start + _BATCH]
        ]
        statement = insert(OfferRow).on_conflict_do_nothing().returning(OfferRow.id)
        made += _tell(session, session.scalars(statement, rows).all(), now=now)
    return made


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


def dismiss(
    session: Session, *, offer_id: OfferID, customer_id: CustomerID, now: datetime
) -> None:
    """
    Note that the customer does not want the offer.

    :raises OfferNotFound: if it is not the customer's
    :raises OfferClosed: if it was redeemed already
    """
    offer = queries.get_offer(session, offer_id=offer_id, customer_id=customer_id)
    if offer.state is OfferState.REDEEMED:
        message = "You have used this offer already."
        raise OfferClosed(message)
    row = session.get_one(OfferRow, offer_id)
    row.state = OfferState.DISMISSED
    row.decided_at = row.decided_at or now


def restore(session: Session, *, offer_id: OfferID, customer_id: CustomerID) -> None:
    """
    Take "not for me" back.

    :raises OfferNotFound: if it is not the customer's
    """
    offer = queries.get_offer(session, offer_id=offer_id, customer_id=customer_id)
    if offer.state is OfferState.DISMISSED:
        row = session.get_one(OfferRow, offer_id)
        row.state = OfferState.OFFERED
        row.decided_at = None


def forget_reasons(session: Session, *, categories: Collection[str]) -> int:
    """
    Keep the offers whose reason names one of these categories, without the reason.

    :returns: how many offers that is
    """
    changed = session.scalars(
        update(OfferRow)
        .where(OfferRow.reason["category"].astext.in_(categories))
        .values(reason={"kind": "chosen"})
        .returning(OfferRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(changed.all())


def mark_redeemed(
    session: Session,
    *,
    customer_id: CustomerID,
    promotions: Collection[str],
    purchase_id: int,
    now: datetime,
) -> None:
    """Close the customer's valid offers of these promotions by a purchase."""
    wanted = select(PromotionRow.id).where(PromotionRow.code.in_(promotions))
    closed = session.scalars(
        update(OfferRow)
        .where(
            OfferRow.customer_id.in_(select_records(customer_id)),
            OfferRow.promotion_id.in_(wanted),
            OfferRow.state == OfferState.OFFERED,
            OfferRow.valid_from <= now,
            OfferRow.valid_until > now,
        )
        .values(state=OfferState.REDEEMED, decided_at=now, purchase_id=purchase_id)
        .returning(OfferRow.id)
        .execution_options(synchronize_session=False)
    )
    _tell(session, closed.all(), now=now)


def reopen(session: Session, *, purchase_id: int, promotions: Collection[str]) -> None:
    """Open the offers again that a purchase closed, because its goods came back."""
    if not promotions:
        return
    wanted = select(PromotionRow.id).where(PromotionRow.code.in_(promotions))
    session.execute(
        update(OfferRow)
        .where(
            OfferRow.purchase_id == purchase_id,
            OfferRow.promotion_id.in_(wanted),
            OfferRow.state == OfferState.REDEEMED,
        )
        .values(state=OfferState.OFFERED, decided_at=None, purchase_id=None)
        .execution_options(synchronize_session=False)
    )


def _tell(session: Session, offer_ids: Sequence[OfferID], *, now: datetime) -> int:
    """Tell that offers were made, or used by a purchase; return how many."""
    for kind in (EventType.OFFER_MADE, EventType.OFFER_REDEEMED):
        if offer_ids and webhooks.is_wanted(session, kind):
            found = queries.offers_by_id(session, offer_ids=offer_ids).values()
            told = [data_of(one) for one in found if event_of(one) is kind]
            webhooks.record_many(session, kind, told, now=now)
    return len(offer_ids)


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


def _promotion_ids(session: Session, codes: Collection[str]) -> dict[str, int]:
    rows = session.execute(
        select(PromotionRow.code, PromotionRow.id).where(PromotionRow.code.in_(codes))
    )
    ids: dict[str, int] = {code: id_ for code, id_ in rows}  # noqa: C416  # no pairs
    for place, code in enumerate(sorted(codes)):
        if code not in ids:
            message = f"There is no promotion {code!r}."
            raise Invalid.field(
                pointer=f"/promotions/{place}", message=message, code="unknown"
            )
    return ids
