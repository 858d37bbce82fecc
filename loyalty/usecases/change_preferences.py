"""A customer decides what reaches them, when and how."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.catalogue.queries import list_categories
from loyalty.core.errors import Invalid
from loyalty.core.periods import WeeklyWindow
from loyalty.core.texts import LANGUAGES
from loyalty.customers import queries
from loyalty.customers.render import WORDING_VERSION, consent_wording
from loyalty.customers.service import preferences as service
from loyalty.customers.service.consents import state_consent
from loyalty.customers.service.people import set_language
from loyalty.customers.values import Channel, Consent, CustomerID, Profile, Purpose


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """Everything that the preference page holds."""

    language: str
    channels: tuple[Channel, ...]
    windows: tuple[WeeklyWindow, ...]
    topics: tuple[str, ...]
    max_per_week: int | None
    pause_until: datetime | None
    personalised: bool
    marketing: frozenset[Channel]
    """The channels on which offers are welcome."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Speaker:
    """Who said so, and where."""

    actor: str
    source: str


def change_preferences(
    session: Session,
    *,
    customer_id: CustomerID,
    wishes: Wishes,
    speaker: Speaker,
    now: datetime,
) -> None:
    """
    Replace a customer's preferences; consents that change become new statements.

    :raises Invalid: naming the field at fault
    """
    if wishes.language not in LANGUAGES:
        message = f"Choose one of {', '.join(LANGUAGES)}."
        raise Invalid.field(pointer="/language", message=message, code="unknown")
    _check_topics(session, wishes.topics)
    profile = queries.get_profile(session, customer_id=customer_id)
    set_language(session, customer_id=customer_id, language=wishes.language)
    service.set_channels(session, customer_id=customer_id, channels=wishes.channels)
    service.set_windows(session, customer_id=customer_id, windows=wishes.windows)
    service.set_topics(session, customer_id=customer_id, topics=wishes.topics)
    service.set_frequency(
        session,
        customer_id=customer_id,
        max_per_week=wishes.max_per_week,
        pause_until=wishes.pause_until,
    )
    if wishes.personalised != profile.preferences.personalised:
        _state(session, profile, Purpose.PERSONALISATION, None, speaker, now=now)
    for channel in sorted(wishes.marketing ^ profile.marketing_channels):
        _state(session, profile, Purpose.MARKETING, channel, speaker, now=now)


def withdraw_marketing(
    session: Session,
    *,
    customer_id: CustomerID,
    channels: Collection[Channel],
    speaker: Speaker,
    now: datetime,
) -> None:
    """
    Stop offers on these channels at once; what stands queued is not sent either.

    :raises CustomerNotFound: if there is no such customer
    """
    profile = queries.get_profile(session, customer_id=customer_id)
    for channel in sorted(profile.marketing_channels & set(channels)):
        _state(session, profile, Purpose.MARKETING, channel, speaker, now=now)


def _state(
    session: Session,
    profile: Profile,
    purpose: Purpose,
    channel: Channel | None,
    speaker: Speaker,
    *,
    now: datetime,
) -> None:
    """Write down the opposite of what stood."""
    stood = (
        profile.preferences.personalised
        if channel is None
        else channel in profile.marketing_channels
    )
    state_consent(
        session,
        customer_id=profile.id,
        consent=Consent(
            purpose=purpose,
            channel=channel,
            given=not stood,
            wording=consent_wording(purpose, channel, profile.language),
            wording_version=WORDING_VERSION,
            source=speaker.source,
            actor=speaker.actor,
            at=now,
        ),
    )


def _check_topics(session: Session, topics: Collection[str]) -> None:
    if not topics:
        return
    known = {category.path for category in list_categories(session)}
    for place, topic in enumerate(topics):
        if topic not in known:
            message = f"The shop has no category {topic!r}."
            raise Invalid.field(
                pointer=f"/topics/{place}", message=message, code="unknown"
            )
