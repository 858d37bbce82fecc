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
from loyalty.customers.rules.confirming import waiting
from loyalty.customers.rules.merging import latest_statements
from loyalty.customers.service import preferences as service
from loyalty.customers.service.consents import state_consent
from loyalty.customers.service.people import set_language
from loyalty.customers.values import (
    Channel,
    Consent,
    CustomerID,
    Profile,
    Purpose,
    Speaker,
)
from loyalty.delivery.service.confirming import ask_for_offers
from loyalty.delivery.values import DeliveryPolicy
from loyalty.stores.queries import get_programme


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

    measured: bool | None = None
    """Whether what they open may be counted; None leaves it as it is."""

    time_zone: str | None = None
    """On whose clock the hours are; None leaves it as it is."""


def change_preferences(
    session: Session,
    *,
    customer_id: CustomerID,
    wishes: Wishes,
    speaker: Speaker,
    policy: DeliveryPolicy,
    now: datetime,
) -> None:
    """
    Replace a customer's preferences; consents that change become new statements.

    Where the programme asks for it, a new yes to offers waits until it is confirmed
    from the address.

    :raises Invalid: naming the field at fault
    :raises TooManyCodes: if too many messages to confirm an address were asked for
    """
    if wishes.language not in LANGUAGES:
        message = f"Choose one of {', '.join(LANGUAGES)}."
        raise Invalid.field(pointer="/language", message=message, code="unknown")
    _check_topics(session, wishes.topics)
    profile = queries.get_profile(session, customer_id=customer_id)
    set_language(session, customer_id=customer_id, language=wishes.language)
    if wishes.time_zone is not None:
        service.set_time_zone(
            session, customer_id=customer_id, time_zone=wishes.time_zone
        )
    service.set_channels(session, customer_id=customer_id, channels=wishes.channels)
    service.set_windows(session, customer_id=customer_id, windows=wishes.windows)
    service.set_topics(session, customer_id=customer_id, topics=wishes.topics)
    service.set_frequency(
        session,
        customer_id=customer_id,
        max_per_week=wishes.max_per_week,
        pause_until=wishes.pause_until,
    )
    stood = profile.preferences
    for purpose, before, given in (
        (Purpose.PERSONALISATION, stood.personalised, wishes.personalised),
        (Purpose.MEASUREMENT, stood.measured, wishes.measured),
    ):
        if given is None or given == before:
            continue
        said = _statement(profile, (purpose, None), speaker, given=given, now=now)
        state_consent(session, customer_id=customer_id, consent=said)
    wanted = _Wanted(profile=profile, speaker=speaker, policy=policy)
    _change_marketing(session, wanted, wishes.marketing, now=now)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    profile: Profile
    speaker: Speaker
    policy: DeliveryPolicy


def _change_marketing(
    session: Session, wanted: _Wanted, marketing: frozenset[Channel], *, now: datetime
) -> None:
    """State what changed; what was asked before and is wished still is left alone."""
    profile = wanted.profile
    pending = waiting(profile, now=now)
    confirmed = get_programme(session).double_opt_in
    for channel in sorted(marketing - profile.marketing_channels - pending):
        if channel in confirmed:
            ask_for_offers(
                session,
                profile=profile,
                channel=channel,
                speaker=wanted.speaker,
                policy=wanted.policy,
                now=now,
            )
        else:
            matter = (Purpose.MARKETING, channel)
            said = _statement(profile, matter, wanted.speaker, given=True, now=now)
            state_consent(session, customer_id=profile.id, consent=said)
    for channel in sorted((profile.marketing_channels | pending) - marketing):
        _withdraw(session, profile, channel, wanted.speaker, now=now)


def withdraw_marketing(
    session: Session,
    *,
    customer_id: CustomerID,
    channels: Collection[Channel],
    speaker: Speaker,
    now: datetime,
) -> frozenset[Channel]:
    """
    Stop offers on these channels at once; what stands queued is not sent either.

    Of a record that was merged, the one that stands for it is meant.

    :returns: the channels on which something stood
    :raises CustomerNotFound: if there is no such customer
    """
    standing = queries.standing_record(session, customer_id=customer_id)
    profile = queries.get_profile(session, customer_id=standing)
    stops = (profile.marketing_channels | waiting(profile, now=now)) & set(channels)
    for channel in sorted(stops):
        _withdraw(session, profile, channel, speaker, now=now)
    return frozenset(stops)


def resume_marketing(
    session: Session,
    *,
    customer_id: CustomerID,
    channels: Collection[Channel],
    speaker: Speaker,
    now: datetime,
) -> frozenset[Channel]:
    """
    Take back a stop that was said in the same place: START after STOP, "undo".

    A stop that was said elsewhere stands, and so does never having agreed.

    :returns: the channels on which offers are welcome again
    :raises CustomerNotFound: if there is no such customer
    """
    standing = queries.standing_record(session, customer_id=customer_id)
    profile = queries.get_profile(session, customer_id=standing)
    statements = queries.list_consents(session, customer_id=standing)
    latest = latest_statements(statements)
    again = []
    for channel in sorted(set(channels)):
        last = latest.get((Purpose.MARKETING, channel))
        if last is None or last.given or last.asked or last.source != speaker.source:
            continue
        if not _was_given(statements, channel):
            continue
        matter = (Purpose.MARKETING, channel)
        said = _statement(profile, matter, speaker, given=True, now=now)
        state_consent(session, customer_id=standing, consent=said)
        again.append(channel)
    return frozenset(again)


def _was_given(statements: Collection[Consent], channel: Channel) -> bool:
    """Test whether the stop that stands ended a yes, and not a mere question."""
    said = [one for one in statements if one.channel is channel]
    return len(said) > 1 and said[-2].given


def _withdraw(
    session: Session,
    profile: Profile,
    channel: Channel,
    speaker: Speaker,
    *,
    now: datetime,
) -> None:
    """Withdraw a yes, also one that was never confirmed."""
    matter = (Purpose.MARKETING, channel)
    said = _statement(profile, matter, speaker, given=False, now=now)
    state_consent(session, customer_id=profile.id, consent=said)


def _statement(
    profile: Profile,
    matter: tuple[Purpose, Channel | None],
    speaker: Speaker,
    *,
    given: bool,
    now: datetime,
) -> Consent:
    return Consent(
        purpose=matter[0],
        channel=matter[1],
        given=given,
        wording=consent_wording(*matter, profile.language),
        wording_version=WORDING_VERSION,
        source=speaker.source,
        actor=speaker.actor,
        at=now,
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
