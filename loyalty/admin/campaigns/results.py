"""What a campaign changed, in words, money and a picture."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from markupsafe import Markup
from sqlalchemy.orm import Session

from loyalty.core.money import Money
from loyalty.core.texts import format_decimal, format_money
from loyalty.core.texts import gettext as _
from loyalty.delivery.queries.campaigns import complaints
from loyalty.offers.queries import list_runs
from loyalty.offers.queries.results import Cell, cells, uses
from loyalty.offers.render import result_sentence, run_name
from loyalty.offers.rules import FEWEST_MEMBERS, Difference, Moments, judge
from loyalty.offers.values import Campaign, Monthly, Weekly
from loyalty.offers.values.results import Measure, Used
from loyalty.stores.queries import get_programme
from loyalty.web.charts import Estimate, interval_chart


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """Two groups of a campaign by every measure."""

    treated: int
    holdout: int
    by_measure: dict[Measure, Difference | None]

    @property
    def spent(self) -> Difference | None:
        """The difference that decides."""
        return self.by_measure[Measure.SPENT]


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """What is known of a campaign's effect; without a holdout nothing is."""

    total: Compared | None
    sentence: str
    used: Used
    complaints: int
    by_run: Sequence[tuple[str, Compared]] = ()
    variants: Sequence[tuple[str, Used, Compared]] = ()
    pairs: Sequence[tuple[str, str]] = ()
    """Two variants, and what is to be said of them."""

    picture: Markup | None = None


def results_of(
    session: Session, campaign: Campaign, *, now: datetime
) -> Results | None:
    """Return what a campaign changed so far; None before it began."""
    if campaign.planned_at is None or campaign.starts_at > now:
        return None
    currency = get_programme(session).currency
    found = cells(session, campaign_id=campaign.id, until=now)
    used = uses(session, campaign_id=campaign.id)
    everybody = _used(used.values())
    if not any(cell.holdout for cell in found):
        words = _("Nobody was held out, so nothing can be said of what it changed.")
        return Results(
            total=None,
            sentence=words,
            used=everybody,
            complaints=complaints(session, campaign_id=campaign.id),
        )
    total = _compared(found)
    by_run = _by_run(session, campaign, now)
    return Results(
        total=total,
        sentence=_sentence(total, currency),
        used=everybody,
        complaints=complaints(session, campaign_id=campaign.id),
        by_run=by_run,
        variants=[
            (
                one.code,
                _used(use for (_run, code), use in used.items() if code == one.code),
                _compared(
                    [c for c in found if c.holdout or c.variant == one.code],
                    among=len(campaign.variants),
                ),
            )
            for one in campaign.variants
        ],
        pairs=_pairs(campaign, found, currency),
        picture=_picture(total, by_run, currency),
    )


def _compared(found: Iterable[Cell], *, among: int = 1) -> Compared:
    groups = {held_out: _sum(found, held_out) for held_out in (False, True)}
    treated, holdout = groups[False], groups[True]
    return Compared(
        treated=treated[Measure.SPENT].n,
        holdout=holdout[Measure.SPENT].n,
        by_measure={
            measure: judge(treated[measure], holdout[measure], among=among)
            for measure in Measure
        },
    )


def _sum(found: Iterable[Cell], held_out: bool) -> dict[Measure, Moments]:  # noqa: FBT001  # one of two groups
    return {
        measure: sum(
            (cell.moments[measure] for cell in found if cell.holdout is held_out),
            Moments(),
        )
        for measure in Measure
    }


def _by_run(
    session: Session, campaign: Campaign, now: datetime
) -> list[tuple[str, Compared]]:
    """Return each run of a campaign with a calendar; days of events are too small."""
    if not isinstance(campaign.trigger, Weekly | Monthly):
        return []
    of_run: defaultdict[int, list[Cell]] = defaultdict(list)
    for cell in cells(session, campaign_id=campaign.id, until=now, by_run=True):
        of_run[cell.run_id or 0].append(cell)
    return [
        (run_name(run.occasion), _compared(of_run[run.id]))
        for run in list_runs(session, campaign_id=campaign.id)
        if run.id in of_run
    ]


def _pairs(
    campaign: Campaign, found: Sequence[Cell], currency: str
) -> list[tuple[str, str]]:
    """Compare each variant with each other one, all of it together at 95 per cent."""
    groups = {
        one.code: sum(
            (
                cell.moments[Measure.SPENT]
                for cell in found
                if not cell.holdout and cell.variant == one.code
            ),
            Moments(),
        )
        for one in campaign.variants
    }
    drawn = list(combinations(groups, 2))
    said = []
    for one, other in drawn:
        difference = judge(groups[one], groups[other], among=len(drawn))
        words = result_sentence(difference, currency) if difference else _too_few()
        said.append((_("%(one)s against %(other)s", one=one, other=other), words))
    return said


def _sentence(total: Compared, currency: str) -> str:
    return result_sentence(total.spent, currency) if total.spent else _too_few()


def _too_few() -> str:
    return _(
        "Too few to say: each group needs at least %(n)s customers, and purchases.",
        n=FEWEST_MEMBERS,
    )


def _used(found: Iterable[Used]) -> Used:
    added = list(found)
    return Used(
        customers=sum(one.customers for one in added),
        offers=sum(one.offers for one in added),
        redeemed=sum(one.redeemed for one in added),
        redeemers=sum(one.redeemers for one in added),
        dismissed=sum(one.dismissed for one in added),
    )


def _picture(
    total: Compared, by_run: Sequence[tuple[str, Compared]], currency: str
) -> Markup | None:
    rows = [*by_run, (_("In total"), total)]
    drawn = [
        Estimate(
            label=label,
            value=one.spent.difference,
            low=one.spent.low,
            high=one.spent.high,
            ours=one is total,
        )
        for label, one in rows
        if one.spent
    ]
    if not drawn:
        return None

    def write(value: float) -> str:
        return format_money(Money(amount=round(value), currency=currency))

    return interval_chart(
        drawn,
        title=_("More spent per customer than by those held out"),
        held=0.0,
        write=write,
    )


def points(value: float) -> str:
    """Return a difference of shares in percentage points."""
    return format_decimal(value * 100, 1)
