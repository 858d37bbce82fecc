"""Planning a campaign: who is in it, their offers, and one message to each.

The recommender stands between the two steps and is called by a job: this module
says for whom it should choose, and makes of its choice offers and messages.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.catalogue.queries import category_names
from loyalty.core.vault import vault_of
from loyalty.customers.queries import languages_of, personalised_customers
from loyalty.customers.values import CustomerID
from loyalty.delivery.render import offer_parameters
from loyalty.delivery.service import plan_messages
from loyalty.delivery.values import DeliveryPolicy, MessageKind, NewMessage
from loyalty.offers import queries, service
from loyalty.offers.render import reason_sentence
from loyalty.offers.rules import is_held_out
from loyalty.offers.values import Campaign, NewOffer, Offer
from loyalty.promotions.queries import display_names, get_promotion
from loyalty.promotions.render import sentence, terms
from loyalty.promotions.values import Promotion
from loyalty.stores.queries import get_programme


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A campaign with the customers to choose offers for: nobody held out."""

    campaign: Campaign
    customers: tuple[CustomerID, ...]
    promotions: Mapping[str, Promotion]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What planning a campaign came to."""

    offers: int
    messages: int
    refused: int
    """Messages that may not be sent; each says why."""


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
    key = vault_of(session).derive("campaign holdout")
    groups = {
        customer_id: is_held_out(
            key=key,
            campaign=campaign.code,
            customer=customer_id,
            percent=campaign.holdout_percent,
        )
        for customer_id in personalised_customers(session)
    }
    service.add_members(session, campaign=campaign, groups=groups)
    return Opened(
        campaign=campaign,
        customers=tuple(c for c, held_out in sorted(groups.items()) if not held_out),
        promotions={
            promotion: get_promotion(session, code=promotion).promotion
            for promotion in campaign.promotions
        },
    )


def make_offers(
    session: Session,
    *,
    opened: Opened,
    offers: Sequence[NewOffer],
    policy: DeliveryPolicy,
    now: datetime,
) -> Outcome:
    """
    Make the offers and plan one message to each customer, about the best one.

    :raises CampaignPlannedAlready: if another process planned it meanwhile
    """
    campaign = opened.campaign
    service.mark_planned(session, campaign=campaign, now=now)
    made = service.make_offers(session, campaign=campaign, offers=offers, now=now)
    best = _best_offers(queries.campaign_offers(session, campaign_id=campaign.id))
    planned = plan_messages(
        session,
        messages=_messages(session, opened, best),
        policy=policy,
        now=now,
    )
    refused = sum(1 for message in planned if message.reason is not None)
    return Outcome(offers=made, messages=len(planned) - refused, refused=refused)


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
    names = display_names(session, promotions=opened.promotions.values())
    languages = languages_of(session, customer_ids=[o.customer_id for o in best])
    messages = []
    for offer in best:
        promotion = opened.promotions[offer.promotion]
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
