"""Writing what was decided on consents as dated statements, and taking it back."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.customers.queries import list_consents
from loyalty.customers.render import WORDING_VERSION, consent_wording
from loyalty.customers.rules import ConsentDecision
from loyalty.customers.rules.merging import (
    Matter,
    latest_statements,
    restored_consents,
)
from loyalty.customers.service.consents import state_consent
from loyalty.customers.values import Channel, Consent, Profile, Purpose

SOURCE = "merge"
"""Where such a statement was made: nowhere, it follows from two others."""

Written = list[list[str | bool | None]]
"""Purpose, channel, whether it counted before, whether it counts now."""


def state_decisions(
    session: Session,
    *,
    into: Profile,
    decisions: Iterable[ConsentDecision],
    actor: str,
    now: datetime,
) -> Written:
    """State what the standing record did not say itself; return what was written."""
    written: Written = []
    for one in decisions:
        if not one.changes:
            continue
        matter = (one.purpose, one.channel)
        _state(session, into, matter, given=one.counts, actor=actor, now=now)
        channel = one.channel.value if one.channel else None
        written.append([one.purpose.value, channel, bool(one.standing), one.counts])
    return written


def take_back(
    session: Session, *, into: Profile, written: Written, actor: str, now: datetime
) -> None:
    """State again what counted before, where nothing else was said since."""
    said = latest_statements(list_consents(session, customer_id=into.id))
    matters = {_matter(purpose, channel): at for purpose, channel, *at in written}
    again = restored_consents(
        before={matter: bool(before) for matter, (before, _now) in matters.items()},
        written={matter: bool(after) for matter, (_before, after) in matters.items()},
        now={matter: consent.given for matter, consent in said.items()},
    )
    for matter, given in again.items():
        _state(session, into, matter, given=given, actor=actor, now=now)


def _matter(purpose: object, channel: object) -> Matter:
    return Purpose(str(purpose)), Channel(str(channel)) if channel else None


def _state(  # whose statement, on what, what, by whom and when
    session: Session,
    into: Profile,
    matter: Matter,
    *,
    given: bool,
    actor: str,
    now: datetime,
) -> None:
    purpose, channel = matter
    state_consent(
        session,
        customer_id=into.id,
        consent=Consent(
            purpose=purpose,
            channel=channel,
            given=given,
            wording=consent_wording(purpose, channel, into.language),
            wording_version=WORDING_VERSION,
            source=SOURCE,
            actor=actor,
            at=now,
        ),
    )
