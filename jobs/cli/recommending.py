"""Training, judging and asking the recommender."""

import json
from datetime import datetime

import click

from jobs.cli.allocating import allocate, pick_document, pick_line
from jobs.cli.modelling import models, promote, rollback, why_not
from jobs.cli.setting_up import configured, opened, progress_bar
from jobs.tasks import recommending as tasks
from jobs.tasks.evaluating import Extent, evaluate_models
from jobs.tasks.training import Policy, train_model
from loyalty.catalogue.queries import category_names
from loyalty.core.clock import utc_now
from loyalty.promotions.queries import list_promotions
from loyalty.promotions.values.states import PromotionState
from loyalty.stores.queries import get_programme
from loyalty.usecases.identify_customer import identify_customer
from recommender.evaluation import as_text

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group("recommender")
def recommender_group() -> None:
    """Train, judge and ask the recommender."""


for _command in (allocate, models, promote, rollback):
    recommender_group.add_command(_command)


@recommender_group.command("train")
@_JSON
def train(*, as_json: bool) -> None:
    """Train on all purchases of customers who agreed to it."""
    with (
        configured() as settings,
        opened(settings) as database,
        progress_bar(shown=not as_json) as tell,
    ):
        learned = train_model(
            database,
            settings.data_dir,
            now=utc_now(),
            progress=tell,
            actor="cli",
            policy=Policy(kept=settings.models_kept),
        )
    if as_json:
        told = {"version": learned.version, "promoted": learned.promoted}
        click.echo(json.dumps(told))
    elif learned.promoted:
        click.echo(f"Model {learned.version} is trained and current.")
    else:
        click.echo(
            f"Model {learned.version} is trained and stored, and not current: "
            f"{why_not(learned.stored.manifest.get('metrics'))}\n"
            f"`loyalty recommender promote {learned.version}` makes it current."
        )


@recommender_group.command("evaluate")
@click.option(
    "--cutoff",
    "cutoffs",
    multiple=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Train before this day; may be given several times. [the last three periods]",
)
@click.option(
    "--full",
    is_flag=True,
    help="Everything against all baselines: what is bought, which offers are redeemed,"
    " new customers, calibration. Takes minutes.",
)
@click.option(
    "--tuning",
    is_flag=True,
    help="The same on the days on which settings may be chosen.",
)
@_JSON
def evaluate(
    *, cutoffs: tuple[datetime, ...], full: bool, tuning: bool, as_json: bool
) -> None:
    """Judge the models against the baselines on days they have not seen."""
    if full + tuning + bool(cutoffs) > 1:
        message = "--cutoff, --full and --tuning exclude each other."
        raise click.UsageError(message)
    extent = Extent.FULL if full else Extent.TUNING if tuning else Extent.BRIEF
    with (
        configured() as settings,
        opened(settings) as database,
        progress_bar(shown=not as_json) as tell,
    ):
        report = evaluate_models(
            database,
            extent=extent,
            cutoffs=[cutoff.date() for cutoff in cutoffs],
            now=utc_now(),
            progress=tell,
        )
    click.echo(json.dumps(report.as_dict()) if as_json else as_text(report))


@recommender_group.command("recommend")
@click.argument("customer")
@_JSON
def recommend(*, customer: str, as_json: bool) -> None:
    """Choose offers for CUSTOMER (card number, phone or e-mail), with reasons."""
    now = utc_now()
    with configured() as settings, opened(settings) as database:
        with database.transaction() as session:
            found = identify_customer(session, text=customer, now=now)
            promotions = list_promotions(session, states=[PromotionState.ACTIVE])
            names = category_names(session)
            currency = get_programme(session).currency
        picks = tasks.customer_picks(
            database,
            customer_id=found.profile.id,
            promotions=promotions,
            data_dir=settings.data_dir,
            now=now,
        )
    if as_json:
        click.echo(json.dumps({"offers": [pick_document(pick) for pick in picks]}))
        return
    for pick in picks:
        click.echo(pick_line(pick, names, currency=currency))
    if not picks:
        click.echo("No running promotion fits this customer.")
