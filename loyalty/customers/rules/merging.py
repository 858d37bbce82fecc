"""Making one record of two of the same person: which statement and wish counts.

The stricter wins: after a merge nobody is written to, or studied, who would not have
been before.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from loyalty.customers.values import (
    CHANNEL_CONTACT,
    Channel,
    Consent,
    Contact,
    Preferences,
    Profile,
    Purpose,
)

Matter = tuple[Purpose, Channel | None]
"""What one can agree to: as a person, or marketing on one channel."""

MATTERS: Final[tuple[Matter, ...]] = (
    (Purpose.PERSONALISATION, None),
    (Purpose.MEASUREMENT, None),
    *((Purpose.MARKETING, channel) for channel in Channel),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentDecision:
    """What both records say of one matter, and what counts; None is never said."""

    purpose: Purpose
    channel: Channel | None
    standing: bool | None
    merged: bool | None
    counts: bool

    @property
    def changes(self) -> bool:
        """Whether the standing record says something else than before."""
        return bool(self.standing) != self.counts


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """How often one may be written to, and from when on."""

    max_per_week: int | None
    pause_until: datetime | None


def latest_statements(consents: Collection[Consent]) -> dict[Matter, Consent]:
    """Return the statement that counts for each matter; the last one stands last."""
    return {(one.purpose, one.channel): one for one in consents}


def decide_consents(
    standing: tuple[Profile, Collection[Consent]],
    merged: tuple[Profile, Collection[Consent]],
) -> tuple[ConsentDecision, ...]:
    """
    Decide each matter that either record ever spoke of.

    A no in either record wins over a yes in the other. Silence counts as a no too,
    unless the record had no address on that channel: then nobody could have asked.
    """
    said = [latest_statements(consents) for _profile, consents in (standing, merged)]
    decided = []
    for matter in MATTERS:
        answers = [one[matter].given if matter in one else None for one in said]
        if answers == [None, None]:
            continue
        could_be_asked = [
            _reachable(profile.contacts, matter[1]) for profile, _ in (standing, merged)
        ]
        votes = [
            bool(answer)
            for answer, asked in zip(answers, could_be_asked, strict=True)
            if answer is not None or asked
        ]
        decided.append(
            ConsentDecision(
                purpose=matter[0],
                channel=matter[1],
                standing=answers[0],
                merged=answers[1],
                counts=all(votes),
            )
        )
    return tuple(decided)


def stricter_wishes(standing: Preferences, merged: Preferences) -> Wishes:
    """Return the lower limit and the longer pause of the two."""
    limits = [
        one.max_per_week for one in (standing, merged) if one.max_per_week is not None
    ]
    pauses = [
        one.pause_until for one in (standing, merged) if one.pause_until is not None
    ]
    return Wishes(
        max_per_week=min(limits, default=None), pause_until=max(pauses, default=None)
    )


def added(standing: Collection[str], merged: Collection[str]) -> tuple[str, ...]:
    """Return what the merged record has and the standing one does not."""
    return tuple(sorted(set(merged) - set(standing)))


def restored_consents(
    before: Mapping[Matter, bool],
    written: Mapping[Matter, bool],
    now: Mapping[Matter, bool],
) -> dict[Matter, bool]:
    """
    Return what to state when a merge is undone.

    What the merge wrote is taken back unless the customer said something else since.
    """
    return {
        matter: before[matter]
        for matter, value in written.items()
        if now.get(matter) == value and before[matter] != value
    }


def _reachable(contacts: Collection[Contact], channel: Channel | None) -> bool:
    if channel is None:
        return True
    kind = CHANNEL_CONTACT[channel]
    return kind is None or any(contact.kind is kind for contact in contacts)
