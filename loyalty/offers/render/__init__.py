"""Why a customer gets an offer, and what a campaign does, in plain words."""

from loyalty.offers.render.campaigns import (
    audience_lines,
    result_sentence,
    run_name,
    trigger_sentence,
)
from loyalty.offers.render.reasons import grounds, learning, reason_sentence

__all__ = [
    "audience_lines",
    "grounds",
    "learning",
    "reason_sentence",
    "result_sentence",
    "run_name",
    "trigger_sentence",
]
