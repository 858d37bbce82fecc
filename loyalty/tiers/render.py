"""Why somebody has the tier that they have, in plain words of the language in use."""

from datetime import datetime
from zoneinfo import ZoneInfo

from loyalty.core.money import Money
from loyalty.core.texts import format_date, format_money, ngettext, pick
from loyalty.core.texts import gettext as _
from loyalty.tiers.values import Basis, Change, Ladder, Span, Standing, TierChange


def tier_name(ladder: Ladder, code: str | None) -> str:
    """Return what a tier is called; a tier that is no more by its code."""
    if code is None:
        return _("no tier")
    tier = ladder.tier(code)
    return pick(dict(tier.name)) if tier else code


def amount_words(ladder: Ladder, amount: int, currency: str) -> str:
    """Return a measure as ``420 points`` or as money."""
    if ladder.basis is Basis.SPENT:
        return format_money(Money(amount=amount, currency=currency))
    return ngettext("%(n)s point", "%(n)s points", amount)


def rule_sentence(ladder: Ladder) -> str:
    """Return what counts, over which time, and what happens when it falls."""
    match ladder.basis, ladder.span:
        case Basis.POINTS, Span.ROLLING:
            counts = ngettext(
                "Points earned on purchases of the last day count.",
                "Points earned on purchases of the last %(n)s days count.",
                ladder.days,
            )
        case Basis.SPENT, Span.ROLLING:
            counts = ngettext(
                "What was paid in the last day counts.",
                "What was paid in the last %(n)s days counts.",
                ladder.days,
            )
        case Basis.POINTS, _span:
            counts = _("Points earned on purchases since New Year count.")
        case _basis, _span:
            counts = _("What was paid since New Year counts.")
    if not ladder.grace_days:
        return f"{counts} {_('Who falls below a tier loses it at once.')}"
    grace = ngettext(
        "Who falls below a tier keeps it for another day.",
        "Who falls below a tier keeps it for another %(n)s days.",
        ladder.grace_days,
    )
    return f"{counts} {grace}"


def distance_sentence(standing: Standing) -> str:
    """Return how far the next tier is, or that there is none above."""
    if standing.next is None:
        return _("This is the highest tier.")
    return _(
        "%(missing)s more, and it is %(tier)s.",
        missing=amount_words(standing.ladder, standing.next.missing, standing.currency),
        tier=pick(dict(standing.next.tier.name)),
    )


def keep_sentence(standing: Standing, *, zone: ZoneInfo) -> str | None:
    """Return what must happen until when to keep the tier; None if nothing."""
    if standing.falls_at is None or standing.tier is None:
        return None
    missing = max(0, standing.tier.threshold - standing.measure)
    return _(
        "%(missing)s more by %(day)s keep %(tier)s.",
        missing=amount_words(standing.ladder, missing, standing.currency),
        day=_day(standing.falls_at, zone),
        tier=pick(dict(standing.tier.name)),
    )


def change_sentence(change: TierChange, *, currency: str, zone: ZoneInfo) -> str:
    """Return what became of a tier, and by which figures and rule."""
    ladder = change.ladder
    figures = _(
        "%(amount)s from %(since)s to %(day)s.",
        amount=amount_words(ladder, change.measure, currency),
        since=_day(change.since, zone),
        day=_day(change.at, zone),
    )
    return f"{_what(change, zone)} {figures}{_needs(change, currency)}"


def _what(change: TierChange, zone: ZoneInfo) -> str:
    before = tier_name(change.ladder, change.before)
    after = tier_name(change.ladder, change.after)
    match change.change:
        case Change.UP:
            return _("Reached %(tier)s.", tier=after)
        case Change.DOWN:
            return _(
                "From %(before)s to %(after)s: the grace period ended.",
                before=before,
                after=after,
            )
        case Change.KEPT:
            return _("Keeps %(tier)s: it suffices again.", tier=after)
        case Change.WARNED:
            day = _day(change.falls_at, zone) if change.falls_at else ""
            return _("Keeps %(tier)s until %(day)s.", tier=after, day=day)
        case Change.LADDER:
            return _(
                "The shop changed its tiers: from %(before)s to %(after)s.",
                before=before,
                after=after,
            )
        case Change.MERGED:
            return _(
                "Two records became one, or one became two: from %(before)s to "
                "%(after)s.",
                before=before,
                after=after,
            )


def _needs(change: TierChange, currency: str) -> str:
    falling = change.change in (Change.DOWN, Change.WARNED)
    tier = change.ladder.tier(change.before if falling else change.after)
    if tier is None:
        return ""
    needed = amount_words(change.ladder, tier.threshold, currency)
    name = pick(dict(tier.name))
    return f" {_('%(tier)s needs %(needed)s.', tier=name, needed=needed)}"


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return format_date(moment.astimezone(zone).date(), style="d MMM y")
