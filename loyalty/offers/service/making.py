"""Making offers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from loyalty.offers.models import OfferRow
from loyalty.offers.service.naming import promotion_ids
from loyalty.offers.service.runs import begin_run
from loyalty.offers.service.telling import tell
from loyalty.offers.values import Campaign, CampaignRun, NewOffer, Odds, OfferState

_BATCH = 2_000


def make_offers(
    session: Session,
    *,
    campaign: Campaign,
    offers: Sequence[NewOffer],
    now: datetime,
    run: CampaignRun | None = None,
) -> int:
    """
    Make the offers, valid for the run's period; making one again does nothing.

    :param run: None is the only one of a campaign that runs once
    :returns: how many offers are new
    """
    run = run or begin_run(session, campaign=campaign)
    ids = promotion_ids(session, {offer.promotion for offer in offers})
    made = 0
    for start in range(0, len(offers), _BATCH):
        rows = [
            {
                "customer_id": offer.customer_id,
                "campaign_id": campaign.id,
                "run_id": run.id,
                "promotion_id": ids[offer.promotion],
                "score": offer.score,
                "reason": offer.reason,
                "model_version": offer.model_version,
                **_columns(offer.odds),
                "valid_from": run.starts_at,
                "valid_until": run.ends_at,
                "state": OfferState.OFFERED,
                "created_at": now,
            }
            for offer in offers[start : start + _BATCH]
        ]
        statement = insert(OfferRow).on_conflict_do_nothing().returning(OfferRow.id)
        made += tell(session, session.scalars(statement, rows).all(), now=now)
    return made


def _columns(odds: Odds | None) -> dict[str, object]:
    return {
        "probability": odds and odds.probability,
        "value": odds and odds.value,
        "propensity": odds and odds.propensity,
        "rank": odds and odds.rank,
        "aim": odds and odds.aim,
        "parts": odds and odds.parts,
    }
