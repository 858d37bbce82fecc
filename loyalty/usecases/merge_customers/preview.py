"""What a merge would do, shown before anybody confirms it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from loyalty.cards.queries import list_cards
from loyalty.cards.values import Card
from loyalty.customers.queries import get_profile, list_consents
from loyalty.customers.rules import ConsentDecision, decide_consents, stricter_wishes
from loyalty.customers.rules.merging import Wishes, added
from loyalty.customers.service.merging import check_mergeable
from loyalty.customers.values import CustomerID, Profile
from loyalty.points.queries import balance
from loyalty.sharing.service import check_separate


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One of the two records."""

    profile: Profile
    cards: tuple[Card, ...]
    points: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MergePreview:
    """Both records, and what the one that stands for both would say."""

    into: Side
    merged: Side
    consents: tuple[ConsentDecision, ...]
    wishes: Wishes
    topics: tuple[str, ...]
    """What the standing record gets in addition."""

    segments: tuple[str, ...]

    @property
    def points(self) -> int:
        """The points that can be spent afterwards."""
        return self.into.points + self.merged.points


def preview_merge(
    session: Session, *, into: CustomerID, merged: CustomerID
) -> MergePreview:
    """
    Return what merging one record into another would do; nothing is changed.

    :raises CustomerNotFound: if one of the two does not exist
    :raises MergeRefused: if they are one record, or one is merged or erased
    :raises SharesStill: if their points are mixed with those of others
    """
    check_mergeable(session, into=into, merged=merged)
    check_separate(session, into=into, merged=merged)
    left, right = _side(session, into), _side(session, merged)
    return MergePreview(
        into=left,
        merged=right,
        consents=decide_consents(
            (left.profile, list_consents(session, customer_id=into)),
            (right.profile, list_consents(session, customer_id=merged)),
        ),
        wishes=stricter_wishes(left.profile.preferences, right.profile.preferences),
        topics=added(left.profile.preferences.topics, right.profile.preferences.topics),
        segments=added(left.profile.segments, right.profile.segments),
    )


def _side(session: Session, customer_id: CustomerID) -> Side:
    return Side(
        profile=get_profile(session, customer_id=customer_id),
        cards=list_cards(session, customer_id=customer_id),
        points=balance(session, customer_id=customer_id),
    )
