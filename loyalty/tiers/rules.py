"""How tiers are reached and lost: pure, and the same for one member and for all."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from loyalty.core.errors import Invalid, Problem
from loyalty.core.periods import business_day, local_moment
from loyalty.tiers.values import Change, Distance, Held, Ladder, Span, Tier

LONGEST_DAYS = 3_650
_MOST_TIERS = 10
_CODE_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_LONGEST_CODE = 32
_LONGEST_NAME = 40


def measured_since(ladder: Ladder, *, now: datetime, zone: ZoneInfo) -> datetime:
    """Return from when on purchases count."""
    if ladder.span is Span.ROLLING:
        return now - timedelta(days=ladder.days)
    year = business_day(now, zone).year
    return local_moment(datetime(year, 1, 1), zone)  # noqa: DTZ001  # a local time


def reached(ladder: Ladder, measure: int) -> Tier | None:
    """Return the highest tier that the measure suffices for."""
    found = None
    for tier in ladder.tiers:
        if measure >= tier.threshold:
            found = tier
    return found


def distance(ladder: Ladder, held: str | None, measure: int) -> Distance | None:
    """Return the tier above the one held, and what is missing; None at the top."""
    above = ladder.rank(held) + 1
    if above >= len(ladder.tiers):
        return None
    tier = ladder.tiers[above]
    return Distance(tier=tier, missing=max(0, tier.threshold - measure))


def review(
    ladder: Ladder, held: Held, measure: int, *, now: datetime
) -> tuple[Held, Change | None]:
    """
    Return what a member is from now on, and what changed.

    Up at once, by as many steps as the measure suffices for. Down only when the
    measure has been too low for the whole grace period, and then to what it suffices
    for. A tier that the ladder does not have any more is settled at once.
    """
    now_reached = reached(ladder, measure)
    code = now_reached.code if now_reached else None
    if held.tier is not None and ladder.tier(held.tier) is None:
        return Held(tier=code), Change.LADDER
    level, rank = ladder.rank(code), ladder.rank(held.tier)
    if level > rank:
        return Held(tier=code), Change.UP
    if level == rank:
        kept = Change.KEPT if held.falls_at is not None else None
        return Held(tier=held.tier), kept
    falls_at = held.falls_at or now + timedelta(days=ladder.grace_days)
    if falls_at <= now:
        return Held(tier=code), Change.DOWN
    warned = Change.WARNED if held.falls_at is None else None
    return Held(tier=held.tier, falls_at=falls_at), warned


def better(ladder: Ladder, one: Held, other: Held) -> Held:
    """Return the higher of two tiers; of the same, the one that stays longer."""
    if ladder.rank(one.tier) != ladder.rank(other.tier):
        return max(one, other, key=lambda held: ladder.rank(held.tier))
    if one.falls_at is None or other.falls_at is None:
        return Held(tier=one.tier)
    return Held(tier=one.tier, falls_at=max(one.falls_at, other.falls_at))


def check_ladder(ladder: Ladder) -> None:
    """
    Refuse tiers that can't be told apart or never be reached.

    :raises Invalid: naming every field at fault
    """
    problems = [*_period_problems(ladder), *_tier_problems(ladder)]
    if problems:
        raise Invalid(problems)


def _period_problems(ladder: Ladder) -> list[Problem]:
    problems = []
    if ladder.span is Span.ROLLING and not 1 <= ladder.days <= LONGEST_DAYS:
        message = f"Say a number of days from 1 to {LONGEST_DAYS}."
        problems.append(Problem(pointer="/days", message=message))
    if not 0 <= ladder.grace_days <= LONGEST_DAYS:
        message = f"Say a number of days from 0 to {LONGEST_DAYS}."
        problems.append(Problem(pointer="/grace_days", message=message))
    if len(ladder.tiers) > _MOST_TIERS:
        message = f"There can be {_MOST_TIERS} tiers at most."
        problems.append(Problem(pointer="/tiers", message=message))
    return problems


def _tier_problems(ladder: Ladder) -> list[Problem]:
    problems, seen, below = [], set(), -1
    for place, tier in enumerate(ladder.tiers):
        pointer = f"/tiers/{place}"
        if not 0 < len(tier.code) <= _LONGEST_CODE or set(tier.code) - _CODE_LETTERS:
            message = f"Take 1 to {_LONGEST_CODE} of: small letters, digits, hyphen."
            problems.append(Problem(pointer=f"{pointer}/code", message=message))
        elif tier.code in seen:
            message = "Two tiers have this code."
            problems.append(
                Problem(pointer=f"{pointer}/code", message=message, code="tier_twice")
            )
        if not any(tier.name.values()) or any(
            len(text) > _LONGEST_NAME for text in tier.name.values()
        ):
            message = f"Say a name of at most {_LONGEST_NAME} characters."
            problems.append(Problem(pointer=f"{pointer}/name", message=message))
        if tier.threshold <= below:
            message = (
                "Must be above the tier before." if place else "Must be 0 or more."
            )
            problems.append(
                Problem(
                    pointer=f"{pointer}/threshold",
                    message=message,
                    code="tiers_not_rising",
                )
            )
        seen.add(tier.code)
        below = max(below, tier.threshold)
    return problems
