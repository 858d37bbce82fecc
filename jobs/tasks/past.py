"""What became of earlier offers, as the recommender learns from it."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from jobs.tasks.offering import Shelf, offers_of, read_shelf
from loyalty.catalogue.queries import all_products
from loyalty.core.periods import business_day
from loyalty.customers.values import CustomerID
from loyalty.offers.queries import (
    begun_campaigns,
    held_out,
    made_offers,
    past_campaigns,
)
from loyalty.offers.values import (
    FIRST,
    Campaign,
    CampaignRun,
    MadeOffer,
    OfferState,
    PastCampaign,
    PastOffer,
)
from loyalty.promotions.queries import get_promotion
from loyalty.stores.queries import get_programme
from recommender import data as rows

OWN = "own"
"""The kind of our own campaigns; others have the word of the system before."""

_PERCENT = 100
_A_DAY = timedelta(days=1)


def read_past(
    session: Session,
    *,
    customer_ids: Collection[CustomerID],
    now: datetime,
    with_offers: bool = True,
    shelf: Shelf | None = None,
) -> rows.Past:
    """
    Return campaigns that have begun, taken over or our own, with these customers.

    A customer is in one of our own campaigns from the offers that were made to them.

    :param with_offers: False leaves out what the offers were, for who knows it
    :param shelf: what goods usually cost, for who has read it
    """
    zone = get_programme(session).time_zone
    before = past_campaigns(session, customer_ids=customer_ids, with_offers=with_offers)
    own = begun_campaigns(session, now=now)
    campaigns = [campaign for campaign, _ in own]
    offers = _own_offers(session, campaigns, shelf, now=now) if with_offers else {}
    found = [_taken_over(campaign) for campaign in before]
    answers = [answer for campaign in before for answer in _redemptions(campaign)]
    for campaign, run in own:
        made = made_offers(session, run_id=run.id, customer_ids=customer_ids)
        lots = held_out(session, run_id=run.id, customer_ids=customer_ids)
        mine = [offers[code] for code in campaign.promotions if code in offers]
        past = _own(occasion_code(campaign, run), run, mine, (made, lots), zone)
        found.append(past)
        answers += _answers(past, made, offers, zone)
    return rows.Past(campaigns=tuple(found), responses=tuple(answers))


def known_campaigns(
    session: Session, *, now: datetime
) -> tuple[rows.PastCampaign, ...]:
    """Return campaigns that have begun, for their offers alone."""
    return tuple(read_past(session, customer_ids=(), now=now).campaigns)


def _own_offers(
    session: Session,
    campaigns: Iterable[Campaign],
    shelf: Shelf | None,
    *,
    now: datetime,
) -> dict[str, rows.Offer]:
    codes = sorted({code for one in campaigns for code in one.promotions})
    if not codes:
        return {}
    if shelf is None:
        shelf = read_shelf(session, products=all_products(session), now=now)
    promotions = [get_promotion(session, code=code) for code in codes]
    found = offers_of(session, promotions=promotions, shelf=shelf)
    return {offer.key: offer for offer in found}


def _taken_over(campaign: PastCampaign) -> rows.PastCampaign:
    return rows.PastCampaign(
        code=campaign.code,
        kind=campaign.kind,
        start=campaign.first_day,
        end=campaign.last_day + _A_DAY,
        customers=campaign.reached,
        offers=tuple(_past_offer(offer) for offer in campaign.offers),
        holdout=campaign.held_out,
    )


def _past_offer(offer: PastOffer) -> rows.Offer:
    depth = None if offer.percent is None else offer.percent / _PERCENT
    return rows.Offer(
        key=offer.code,
        skus=offer.skus,
        categories=offer.categories,
        departments=tuple(path for path in offer.categories if "/" not in path),
        kind=offer.reward,
        depth=depth,
        price=offer.price,
    )


def _redemptions(campaign: PastCampaign) -> Iterable[rows.Response]:
    for customer_id, offer, day in campaign.redemptions:
        yield rows.Response(
            customer=customer_id,
            offer=offer,
            answer=rows.Answer.REDEEMED,
            day=day,
            campaign=campaign.code,
        )


def occasion_code(campaign: Campaign, run: CampaignRun) -> str:
    """Return what a run is called among past campaigns: each is one of its own."""
    return campaign.code if run.occasion == FIRST else f"{campaign.code}@{run.occasion}"


def _own(
    code: str,
    run: CampaignRun,
    offers: list[rows.Offer],
    did: tuple[Collection[MadeOffer], tuple[CustomerID, ...]],
    zone: ZoneInfo,
) -> rows.PastCampaign:
    made, lots = did
    place = {offer.key: number for number, offer in enumerate(offers)}
    start = business_day(run.starts_at, zone)
    treated = {one.customer_id for one in made}
    return rows.PastCampaign(
        code=code,
        kind=OWN,
        start=start,
        end=max(business_day(run.ends_at, zone), start + _A_DAY),
        customers=tuple(sorted(treated)),
        offers=tuple(offers),
        holdout=tuple(who for who in lots if who not in treated),
        made=tuple(
            (one.customer_id, place[one.promotion])
            for one in made
            if one.promotion in place
        ),
    )


def _answers(
    past: rows.PastCampaign,
    made: Collection[MadeOffer],
    offers: dict[str, rows.Offer],
    zone: ZoneInfo,
) -> Iterable[rows.Response]:
    kinds = {
        OfferState.REDEEMED: rows.Answer.REDEEMED,
        OfferState.DISMISSED: rows.Answer.NOT_FOR_ME,
    }
    for one in made:
        if one.state in kinds:
            decided = one.decided_at
            yield rows.Response(
                customer=one.customer_id,
                offer=one.promotion,
                answer=kinds[one.state],
                day=past.start if decided is None else business_day(decided, zone),
                categories=_categories(offers.get(one.promotion)),
                campaign=past.code,
            )


def _categories(offer: rows.Offer | None) -> tuple[str, ...]:
    return () if offer is None else offer.categories
