"""Reading gifts, households and friends brought."""

from loyalty.sharing.queries.gifts import (
    GiftNotFound,
    get_policy,
    given_on,
    list_gifts,
    to_gift,
)
from loyalty.sharing.queries.households import (
    HouseholdNotFound,
    earned_by,
    household_of,
    invitations_for,
    invitations_of,
    pooled_members,
    purse_of,
)
from loyalty.sharing.queries.referrals import (
    ReferralNotFound,
    find_referrer,
    list_referrals,
    referral_of,
)

__all__ = [
    "GiftNotFound",
    "HouseholdNotFound",
    "ReferralNotFound",
    "earned_by",
    "find_referrer",
    "get_policy",
    "given_on",
    "household_of",
    "invitations_for",
    "invitations_of",
    "list_gifts",
    "list_referrals",
    "pooled_members",
    "purse_of",
    "referral_of",
    "to_gift",
]
