"""Moving a campaign from state to state."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Refused
from loyalty.core.texts import gettext as _
from loyalty.offers.models import CampaignRow, OfferRow
from loyalty.offers.rules import next_run
from loyalty.offers.values import (
    Campaign,
    CampaignID,
    CampaignState,
    OfferState,
    Once,
    OnEvent,
)
from loyalty.stores.queries import get_programme

_A_MOMENT = timedelta(microseconds=1)


class CampaignStateRefused(Refused):
    """A campaign in its present state does not allow it."""

    code = "campaign_state"


class CampaignOver(Refused):
    """The campaign's time is over."""

    code = "campaign_over"


def launch(
    session: Session, *, campaign: Campaign, actor: str, now: datetime
) -> datetime | None:
    """
    Let a draft run by itself from its beginning on.

    :returns: when it runs first; None if it waits for what happens to customers
    :raises CampaignOver: if no run of it is still to come
    :raises CampaignStateRefused: if it is no draft any more
    """
    first = first_run(session, campaign=campaign, now=now)
    if campaign.ends_at <= now or (
        first is None and not isinstance(campaign.trigger, OnEvent)
    ):
        raise CampaignOver(_("It would never run: change when it begins or ends."))
    change_state(
        session,
        campaign=campaign,
        among=[CampaignState.DRAFT],
        to=CampaignState.SCHEDULED,
        actor=actor,
        now=now,
        next_run_at=first,
    )
    return first


def first_run(
    session: Session, *, campaign: Campaign, now: datetime
) -> datetime | None:
    """Return when a campaign that is launched now would run first, if it has a day."""
    begins = max(campaign.starts_at, now)
    if isinstance(campaign.trigger, Once):
        return begins
    return next_run(
        campaign.trigger,
        after=begins - _A_MOMENT,
        until=campaign.ends_at,
        zone=get_programme(session).time_zone,
    )


def change_state(
    session: Session,
    *,
    campaign: Campaign,
    among: Collection[CampaignState],
    to: CampaignState,
    actor: str,
    now: datetime,
    **columns: Any,  # noqa: ANN401  # of the campaign's row
) -> None:
    """
    Move a campaign on, if it is still in one of these states.

    :raises CampaignStateRefused: if it is not; nothing has changed
    """
    changed = session.scalar(
        update(CampaignRow)
        .where(CampaignRow.id == campaign.id, CampaignRow.state.in_(among))
        .values(state=to, **columns)
        .returning(CampaignRow.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        message = _("The campaign has gone on meanwhile: look at it again.")
        raise CampaignStateRefused(message)
    audit.record(
        session,
        now=now,
        actor=actor,
        action=f"campaign.{to.value}",
        subject=f"campaign:{campaign.code}",
        before={"state": campaign.state.value},
        after={"state": to.value},
    )
    session.expire_all()


def set_next_run(
    session: Session, *, campaign_id: CampaignID, at: datetime | None
) -> None:
    """Note when a campaign runs next."""
    session.execute(
        update(CampaignRow)
        .where(CampaignRow.id == campaign_id)
        .values(next_run_at=at)
        .execution_options(synchronize_session=False)
    )


def forget_stop(session: Session, *, campaign_id: CampaignID) -> None:
    """Note that all that a stop took away is there again."""
    session.execute(
        update(CampaignRow)
        .where(CampaignRow.id == campaign_id)
        .values(stopped_at=None, withdrawn=False)
        .execution_options(synchronize_session=False)
    )


def withdraw_offers(
    session: Session, *, campaign_id: CampaignID, now: datetime, at_most: int
) -> int:
    """Take back offers of a campaign that were not used, and say how many."""
    return _turn(
        session,
        (campaign_id, OfferState.OFFERED, OfferState.WITHDRAWN),
        now=now,
        at_most=at_most,
    )


def give_back_offers(
    session: Session, *, campaign_id: CampaignID, now: datetime, at_most: int
) -> int:
    """Make offers that were taken back count again, and say how many."""
    return _turn(
        session,
        (campaign_id, OfferState.WITHDRAWN, OfferState.OFFERED),
        now=now,
        at_most=at_most,
    )


def _turn(
    session: Session,
    what: tuple[CampaignID, OfferState, OfferState],
    *,
    now: datetime,
    at_most: int,
) -> int:
    campaign_id, before, after = what
    some = (
        select(OfferRow.id)
        .where(
            OfferRow.campaign_id == campaign_id,
            OfferRow.state == before,
            OfferRow.valid_until > now,
        )
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    turned = session.scalars(
        update(OfferRow)
        .where(OfferRow.id.in_(some))
        .values(state=after)
        .returning(OfferRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(turned.all())
