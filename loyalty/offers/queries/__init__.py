"""Reading campaigns and offers."""

from loyalty.offers.queries.campaigns import (
    CampaignNotFound,
    counts,
    get_campaign,
    list_campaigns,
    nothing_because,
    served_members,
    spending,
)
from loyalty.offers.queries.offers import (
    OfferNotFound,
    best_served,
    campaign_offers,
    dismissed_offers,
    get_offer,
    list_offers,
    made_at,
    offers_by_id,
    sample_of_campaign,
    valid_offers,
)
from loyalty.offers.queries.outstanding import (
    Outstanding,
    made_by_campaign,
    offered_lately,
    outstanding,
)
from loyalty.offers.queries.past import (
    begun_campaigns,
    held_out,
    known_recipients,
    made_offers,
    past_campaigns,
    past_codes,
    past_outlines,
)

__all__ = [
    "CampaignNotFound",
    "OfferNotFound",
    "Outstanding",
    "begun_campaigns",
    "best_served",
    "campaign_offers",
    "counts",
    "dismissed_offers",
    "get_campaign",
    "get_offer",
    "held_out",
    "known_recipients",
    "list_campaigns",
    "list_offers",
    "made_at",
    "made_by_campaign",
    "made_offers",
    "nothing_because",
    "offered_lately",
    "offers_by_id",
    "outstanding",
    "past_campaigns",
    "past_codes",
    "past_outlines",
    "sample_of_campaign",
    "served_members",
    "spending",
    "valid_offers",
]
