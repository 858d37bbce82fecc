"""
Planning a campaign: who is in a run, their offers, and one message to each.

The recommender stands between the two steps and is called by a job: this package says
for whom it should choose, and makes of its choice offers and messages.
"""

from loyalty.usecases.plan_campaign.making import begin, end, make_offers
from loyalty.usecases.plan_campaign.opening import (
    CampaignNotRunning,
    open_campaign,
    open_for_events,
    open_for_newcomers,
    open_preview,
)
from loyalty.usecases.plan_campaign.values import Chosen, Opened, Outcome

__all__ = [
    "CampaignNotRunning",
    "Chosen",
    "Opened",
    "Outcome",
    "begin",
    "end",
    "make_offers",
    "open_campaign",
    "open_for_events",
    "open_for_newcomers",
    "open_preview",
]
