"""Choosing a campaign's offers by hand: first what would be done, then doing it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import click

from jobs.cli.setting_up import configured, opened, progress_bar
from jobs.tasks.choosing import Pick
from jobs.tasks.planning import Shop, plan_offers
from jobs.tasks.previewing import preview
from loyalty.catalogue.queries import category_names
from loyalty.core.clock import utc_now
from loyalty.core.money import Money
from loyalty.customers.values import Channel
from loyalty.offers.render import reason_sentence
from loyalty.recommendations.queries import latest_run
from loyalty.recommendations.values import RunKind

_SHOWN = 5
_WHY: Mapping[str, str] = {
    "nothing_fits": "no promotion is for anything that may be recommended to them",
    "not_wanted": 'they said "not for me", or could not use any of them',
    "had_lately": "they had all of these offers lately",
    "not_worth_it": "every offer would cost more than it brings",
    "budget_spent": "the money or the numbers went to others, to whom it brings more",
}


@click.command("allocate")
@click.argument("campaign")
@click.option("--plan", is_flag=True, help="Make the offers and plan the messages.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def allocate(*, campaign: str, plan: bool, as_json: bool) -> None:
    """
    Choose the offers of CAMPAIGN and say what they come to.

    Without --plan nothing is made: no offer, no message, no member of the campaign.
    """
    now = utc_now()
    with (
        configured() as settings,
        opened(settings) as database,
        progress_bar(shown=not as_json) as tell,
    ):
        shop = Shop(
            database=database,
            data_dir=settings.data_dir,
            providers={Channel(name) for name in settings.channels},
            dask_scheduler=settings.dask_scheduler,
            progress=tell,
        )
        picks: list[Pick] = []
        if plan:
            plan_offers(shop, campaign=campaign, actor="cli", now=now)
            with database.transaction() as session:
                run = latest_run(session, kind=RunKind.ALLOCATE, subject=campaign)
            report: Mapping[str, Any] = (run.report if run else None) or {}
        else:
            _opened, picks, report = preview(shop, campaign=campaign, now=now)
        with database.transaction() as session:
            names = category_names(session)
    if as_json:
        click.echo(json.dumps({"campaign": campaign, "made": plan, **report}))
        return
    for line in _words(campaign, report, made=plan):
        click.echo(line)
    for pick in picks[:_SHOWN]:
        click.echo(pick_line(pick, names, currency=report["currency"]))


def pick_line(pick: Pick, names: Mapping[str, str], *, currency: str) -> str:
    """Say in a line what was chosen for a customer, and why."""
    why = reason_sentence(pick.reason, names, language="en")
    odds = pick.odds
    return (
        f"{odds.probability:7.2%}  {_money(odds.value, currency):>12}"
        f"  {odds.aim.value:9}  {pick.promotion:32}  {why}"
    )


def pick_document(pick: Pick) -> dict[str, Any]:
    """Return what was chosen as plain values."""
    odds = pick.odds
    return {
        "promotion": pick.promotion,
        "rank": pick.rank,
        "score": odds.probability,
        "probability": odds.probability,
        "value": odds.value,
        "aim": odds.aim.value,
        "parts": odds.parts,
        "reason": pick.reason,
    }


def _words(campaign: str, report: Mapping[str, Any], *, made: bool) -> Iterable[str]:
    currency = report["currency"]
    verb = "were made" if made else "would be made"
    aims = report["by_aim"]
    yield (
        f"{campaign}: {report['offers']:,} offers {verb} to {report['served']:,} of"
        f" {report['customers']:,} customers; {report['held_out']:,} more are held out."
    )
    yield (
        f"{aims['reward']:,} for what they buy anyway, {aims['discovery']:,} for"
        " something new to them."
    )
    yield (
        f"Expected: {_money(report['value'], currency)} for the shop, after"
        f" {_money(report['cost'], currency)} given away; at most"
        f" {report['gap']:.2%} less than the best there can be."
    )
    if report["explored"]:
        yield (
            f"{report['explored']:.2%} of it is given up to draw by chance among nearly"
            " equal offers, so that later models can be judged by what comes of them."
        )
    for cause, count in report["nothing"].items():
        yield f"{count:,} get nothing: {_WHY[cause]}."
    for limit in report["limits"]:
        yield (
            f"{limit['promotion']}: all {limit['left']:,.0f} {limit['kind']} are used;"
            f" one more would bring {_money(limit['worth'], currency)}."
        )
    if not made:
        again = f"loyalty recommender allocate {campaign} --plan"
        yield f"Nothing was made; `{again}` makes it so."


def _money(amount: float, currency: str) -> str:
    return str(Money(amount=round(amount), currency=currency))
