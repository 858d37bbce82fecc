"""Runs of campaigns, and who is in them."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, any_, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.core.errors import Refused
from loyalty.customers.values import CustomerID
from loyalty.offers.models import CampaignMemberRow, CampaignRow, CampaignRunRow
from loyalty.offers.queries.campaigns import to_run
from loyalty.offers.values import (
    FIRST,
    Campaign,
    CampaignRun,
    CampaignState,
    Member,
    NothingBecause,
)

_BATCH = 2_000
_IDS = ARRAY(BigInteger)
_STARTABLE = (CampaignState.DRAFT, CampaignState.SCHEDULED, CampaignState.RUNNING)


class CampaignPlannedAlready(Refused):
    """The campaign's offers were made before."""

    code = "campaign_planned"


class CampaignHalted(Refused):
    """The campaign is paused, stopped or over: it makes no offers."""

    code = "campaign_halted"


def begin_run(
    session: Session,
    *,
    campaign: Campaign,
    occasion: str = FIRST,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> CampaignRun:
    """
    Return the run of an occasion, begun if it was not yet.

    :param starts_at: from when its offers can be used, with ``ends_at``; without them
        it is the campaign's own period
    """
    session.execute(
        insert(CampaignRunRow)
        .values(
            campaign_id=campaign.id,
            occasion=occasion,
            starts_at=starts_at or campaign.starts_at,
            ends_at=ends_at or campaign.ends_at,
        )
        .on_conflict_do_nothing()
    )
    row = session.scalars(
        select(CampaignRunRow).where(
            CampaignRunRow.campaign_id == campaign.id,
            CampaignRunRow.occasion == occasion,
        )
    ).one()
    return to_run(row)


def check_unplanned(campaign: Campaign) -> None:
    """
    Refuse a campaign whose first offers are made.

    :raises CampaignPlannedAlready: if they are
    """
    if campaign.planned_at is not None:
        message = f"The campaign {campaign.code!r} is planned already."
        raise CampaignPlannedAlready(message)


def add_members(
    session: Session,
    *,
    campaign: Campaign,
    groups: Mapping[CustomerID, bool | Member],
    run: CampaignRun | None = None,
) -> None:
    """
    Put customers into a run; who met the same occasion before stays where they are.

    :param groups: how each is in it; True holds them out to compare with
    :param run: None is the only one of a campaign that runs once
    """
    run = run or begin_run(session, campaign=campaign)
    rows = [
        {
            "campaign_id": campaign.id,
            "customer_id": customer_id,
            "run_id": run.id,
            **_columns(member, run),
        }
        for customer_id, member in sorted(groups.items())
    ]
    for start in range(0, len(rows), _BATCH):
        session.execute(
            insert(CampaignMemberRow).on_conflict_do_nothing(),
            rows[start : start + _BATCH],
        )


def _columns(member: bool | Member, run: CampaignRun) -> dict[str, object]:  # noqa: FBT001  # one of two kinds
    if isinstance(member, bool):
        return {"occasion": run.occasion, "holdout": member, "variant": None}
    return {
        "occasion": member.occasion,
        "holdout": member.holdout,
        "variant": member.variant,
    }


def keep_nothing(
    session: Session,
    *,
    campaign: Campaign,
    because: Mapping[CustomerID, NothingBecause],
    run: CampaignRun | None = None,
) -> None:
    """Note of members why they get no offer."""
    run = run or begin_run(session, campaign=campaign)
    by_cause: defaultdict[NothingBecause, list[CustomerID]] = defaultdict(list)
    for customer_id, cause in because.items():
        by_cause[cause].append(customer_id)
    for cause, customer_ids in by_cause.items():
        session.execute(
            update(CampaignMemberRow)
            .where(
                CampaignMemberRow.run_id == run.id,
                CampaignMemberRow.customer_id == any_(literal(customer_ids, _IDS)),
            )
            .values(nothing_because=cause)
            .execution_options(synchronize_session=False)
        )


def mark_planned(
    session: Session,
    *,
    campaign: Campaign,
    now: datetime,
    run: CampaignRun | None = None,
) -> None:
    """
    Note that a run's offers are made, and that its campaign runs.

    :raises CampaignHalted: if it was paused or stopped meanwhile
    :raises CampaignPlannedAlready: if they were made before
    """
    run = run or begin_run(session, campaign=campaign)
    mark_run_planned(session, run=run, now=now)
    mark_running(session, campaign=campaign, now=now)


def mark_run_planned(session: Session, *, run: CampaignRun, now: datetime) -> None:
    """
    Note that a run's offers are being made: its row is locked until they are.

    :raises CampaignPlannedAlready: if they were made before
    """
    changed = session.scalar(
        update(CampaignRunRow)
        .where(CampaignRunRow.id == run.id, CampaignRunRow.planned_at.is_(None))
        .values(planned_at=now)
        .returning(CampaignRunRow.id)
    )
    if changed is None:
        message = "The offers of this occasion are made already."
        raise CampaignPlannedAlready(message)


def mark_running(session: Session, *, campaign: Campaign, now: datetime) -> None:
    """
    Note that a campaign has made offers, the last thing before they are committed.

    Only then its row is locked: whoever stops it while offers are made does not wait,
    and what was made is rolled back.

    :raises CampaignHalted: if it was paused or stopped meanwhile
    """
    changed = session.scalar(
        update(CampaignRow)
        .where(CampaignRow.id == campaign.id, CampaignRow.state.in_(_STARTABLE))
        .values(
            state=CampaignState.RUNNING,
            planned_at=func.coalesce(CampaignRow.planned_at, now),
        )
        .returning(CampaignRow.id)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        message = f"The campaign {campaign.code!r} is paused, stopped or over."
        raise CampaignHalted(message)
