"""Planning a campaign: who is in it, their offers, and one message to each.

The recommender stands between the two steps and is called by a job: this module
says for whom it should choose, and makes of its choice offers and messages.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.catalogue.queries import category_names
from loyalty.core.errors import Refused
from loyalty.core.vault import vault_of
from loyalty.customers.queries import languages_of, personalised_customers
from loyalty.customers.values import CustomerID
from loyalty.delivery.render import offer_parameters
from loyalty.delivery.service import plan_messages
from loyalty.delivery.values import DeliveryPolicy, MessageKind, NewMessage
from loyalty.offers import queries, service
from loyalty.offers.render import reason_sentence
from loyalty.offers.rules import is_held_out
from loyalty.offers.values import (
    Campaign,
    CampaignState,
    NewOffer,
    NothingBecause,
    Offer,
)
from loyalty.promotions.queries import display_names, get_promotion
from loyalty.promotions.render import sentence, terms
from loyalty.promotions.values.states import StoredPromotion
from loyalty.stores.queries import get_programme


class CampaignNotRunning(Refused):
    """The campaign has not begun, or is over."""

    code = "campaign_not_running"


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A campaign with the customers to choose offers for: nobody held out."""

    campaign: Campaign
    customers: tuple[CustomerID, ...]
    promotions: Mapping[str, StoredPromotion]
    held_out: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What the recommender chose for the customers of a campaign."""

    offers: Sequence[NewOffer]
    nothing: Mapping[CustomerID, NothingBecause] = field(default_factory=dict)
    """Who gets nothing, and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What planning a campaign came to."""

    offers: int
    messages: int
    refused: int
    """Messages that may not be sent; each says why."""

    withdrawn: int = 0
    """Customers who took back their consent while their offers were chosen."""


def open_campaign(session: Session, *, code: str) -> Opened:
    """
    Put every customer who agreed to personal offers into the campaign.

    A keyed hash holds some of them out, so that what the offers change can be
    measured. Doing it again adds only those who agreed since.

    :raises CampaignNotFound: if there is no such campaign
    :raises CampaignPlannedAlready: if its offers were made before
    """
    campaign = queries.get_campaign(session, code=code)
    service.check_unplanned(campaign)
    return _with_members(session, campaign, personalised_customers(session))


def open_for_newcomers(session: Session, *, code: str, now: datetime) -> Opened:
    """
    Put those into a running campaign who agreed to personal offers since it was made.

    The same keyed hash holds some of them out, so that they are compared like all
    others.

    :raises CampaignNotFound: if there is no such campaign
    :raises CampaignNotRunning: if its offers are not made yet, or it is over
    """
    campaign = queries.get_campaign(session, code=code)
    if campaign.state is not CampaignState.PLANNED or campaign.ends_at <= now:
        message = f"The campaign {code!r} is not running."
        raise CampaignNotRunning(message)
    served = queries.served_members(session, campaign_id=campaign.id)
    new = [who for who in personalised_customers(session) if who not in served]
    return _with_members(session, campaign, new)


def _with_members(
    session: Session, campaign: Campaign, customer_ids: Iterable[CustomerID]
) -> Opened:
    key = vault_of(session).derive("campaign holdout")
    groups = {
        customer_id: is_held_out(
            key=key,
            campaign=campaign.code,
            customer=customer_id,
            percent=campaign.holdout_percent,
        )
        for customer_id in customer_ids
    }
    service.add_members(session, campaign=campaign, groups=groups)
    return Opened(
        campaign=campaign,
        customers=tuple(c for c, held_out in sorted(groups.items()) if not held_out),
        promotions={
            promotion: get_promotion(session, code=promotion)
            for promotion in campaign.promotions
        },
        held_out=sum(groups.values()),
    )


def make_offers(
    session: Session,
    *,
    opened: Opened,
    chosen: Chosen,
    policy: DeliveryPolicy,
    now: datetime,
) -> Outcome:
    """
    Make the offers and plan one message to each customer, about the best one.

    Nothing is made for who took back their consent since the campaign was opened.

    :raises CampaignPlannedAlready: if another process planned it meanwhile
    """
    campaign = opened.campaign
    if campaign.state is CampaignState.DRAFT:
        service.mark_planned(session, campaign=campaign, now=now)
    agreed = set(personalised_customers(session, among=opened.customers))
    offers = [offer for offer in chosen.offers if offer.customer_id in agreed]
    made = service.make_offers(session, campaign=campaign, offers=offers, now=now)
    service.keep_nothing(session, campaign=campaign, because=chosen.nothing)
    best = _best_offers(
        queries.campaign_offers(
            session, campaign_id=campaign.id, customer_ids=opened.customers
        )
    )
    planned = plan_messages(
        session,
        messages=_messages(session, opened, best),
        policy=policy,
        now=now,
    )
    refused = sum(1 for message in planned if message.reason is not None)
    return Outcome(
        offers=made,
        messages=len(planned) - refused,
        refused=refused,
        withdrawn=len(opened.customers) - len(agreed),
    )


def _best_offers(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    by_customer: defaultdict[CustomerID, list[Offer]] = defaultdict(list)
    for offer in offers:
        by_customer[offer.customer_id].append(offer)
    return tuple(
        min(found, key=lambda offer: (-offer.score, offer.id))
        for found in by_customer.values()
    )


def _messages(
    session: Session, opened: Opened, best: Sequence[Offer]
) -> list[NewMessage]:
    shop = get_programme(session).name
    categories = category_names(session)
    promotions = {code: one.promotion for code, one in opened.promotions.items()}
    names = display_names(session, promotions=promotions.values())
    languages = languages_of(session, customer_ids=[o.customer_id for o in best])
    messages = []
    for offer in best:
        promotion = promotions[offer.promotion]
        language = languages[offer.customer_id]
        parts = sentence(promotion, language, names=names)
        parameters = offer_parameters(
            shop=shop,
            sentence="".join(part.text for part in parts),
            why=reason_sentence(offer.reason, categories, language=language),
            terms=terms(promotion, language, names=names),
            valid_until=offer.valid_until,
        )
        messages.append(
            NewMessage(
                customer_id=offer.customer_id,
                kind=MessageKind.MARKETING,
                template="offer",
                parameters=parameters,
                subject=f"campaign:{opened.campaign.code}",
                not_before=offer.valid_from,
                not_after=offer.valid_until,
                offer_id=offer.id,
                campaign_id=offer.campaign_id,
            )
        )
    return messages
