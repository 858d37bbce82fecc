"""Making the offers that were chosen, and planning the messages about them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.customers.queries import personalised_customers
from loyalty.customers.values import CustomerID
from loyalty.delivery.service import plan_messages
from loyalty.delivery.values import DeliveryPolicy
from loyalty.offers import queries, service
from loyalty.offers.values import Offer
from loyalty.usecases.plan_campaign.telling import messages_about
from loyalty.usecases.plan_campaign.values import Chosen, Opened, Outcome


def begin(session: Session, *, opened: Opened, now: datetime) -> None:
    """
    Note that the run is planned, before its offers are made.

    :raises CampaignPlannedAlready: if another process planned it meanwhile
    """
    if opened.run.planned_at is None:
        service.mark_run_planned(session, run=opened.run, now=now)


def end(session: Session, *, opened: Opened, now: datetime) -> None:
    """
    Note that the campaign has made offers, after they are made.

    :raises CampaignHalted: if it was paused or stopped meanwhile
    """
    service.mark_running(session, campaign=opened.campaign, now=now)


def make_offers(
    session: Session,
    *,
    opened: Opened,
    customers: Sequence[CustomerID],
    chosen: Chosen,
    policy: DeliveryPolicy,
    now: datetime,
) -> Outcome:
    """
    Make the offers of some customers, and plan one message to each about the best one.

    Nothing is made for who took back their consent since the campaign was opened.
    """
    campaign, run = opened.campaign, opened.run
    agreed = set(personalised_customers(session, among=customers))
    offers = [offer for offer in chosen.offers if offer.customer_id in agreed]
    made = service.make_offers(
        session, campaign=campaign, run=run, offers=offers, now=now
    )
    service.keep_nothing(session, campaign=campaign, run=run, because=chosen.nothing)
    best = _best_offers(
        queries.run_offers(session, run_id=run.id, customer_ids=customers)
    )
    messages = messages_about(session, opened, best, now=now)
    planned = plan_messages(session, messages=messages, policy=policy, now=now)
    refused = sum(1 for message in planned if message.reason is not None)
    return Outcome(
        offers=made,
        messages=len(planned) - refused,
        refused=refused,
        withdrawn=len(customers) - len(agreed),
    )


def _best_offers(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    by_customer: defaultdict[CustomerID, list[Offer]] = defaultdict(list)
    for offer in offers:
        by_customer[offer.customer_id].append(offer)
    return tuple(
        min(found, key=lambda offer: (-offer.score, offer.id))
        for found in by_customer.values()
    )
