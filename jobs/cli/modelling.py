"""Looking at the stored models, and choosing which one is current."""

import json
from collections.abc import Mapping
from typing import Any

import click

from jobs.cli.setting_up import configured, opened
from jobs.tasks import models as tasks
from loyalty.core.clock import utc_now
from loyalty.recommendations.values import Model, ModelState

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")

_WHY = {
    "worse_than_running": "worse than the model that is running",
    "worse_than_own_frequency": "worse than what customers buy anyway",
    "nothing_to_judge": "too few customers bought anything to judge it",
}


@click.command("models")
@_JSON
def models(*, as_json: bool) -> None:
    """List the stored models, the latest first, and which one is current."""
    with configured() as settings:
        found = tasks.known_models(tasks.registry(settings.data_dir))
    if as_json:
        click.echo(json.dumps({"models": [_document(model) for model in found]}))
        return
    if not found:
        click.echo("There is no model yet: run `loyalty recommender train`.")
        return
    for model in found:
        data = model.facts.get("data", {})
        click.echo(
            f"{model.version}  {model.state.value:8}"
            f"  {data.get('first_day')} to {data.get('last_day')}"
            f"  {data.get('customers', 0):9,} customers"
            f"  {data.get('events', 0):12,} purchases"
            f"  {_quality(model.report)}"
        )
        if model.state is ModelState.REFUSED:
            click.echo(f"{'':35}not promoted: {why_not(model.report)}")


@click.command("promote")
@click.argument("version")
@_JSON
def promote(*, version: str, as_json: bool) -> None:
    """Make the model VERSION the current one, whatever was said of it."""
    with configured() as settings, opened(settings) as database:
        tasks.promote(
            database,
            version=version,
            data_dir=settings.data_dir,
            actor="cli",
            now=utc_now(),
        )
    _say(version, as_json=as_json)


@click.command("rollback")
@_JSON
def rollback(*, as_json: bool) -> None:
    """Go back to the model that was current before."""
    with configured() as settings, opened(settings) as database:
        version = tasks.roll_back(
            database, data_dir=settings.data_dir, actor="cli", now=utc_now()
        )
    _say(version, as_json=as_json)


def why_not(report: Mapping[str, Any] | None) -> str:
    """Say in words why the gate did not let a model through."""
    reasons = ((report or {}).get("gate") or {}).get("reasons") or ()
    said = [_reason(reason) for reason in reasons if reason.get("kind") in _WHY]
    return "; ".join(said) or "the gate did not say why"


def _reason(reason: Mapping[str, Any]) -> str:
    found = reason.get("comparison")
    words = _WHY[reason["kind"]]
    if not found:
        return words
    return (
        f"{words} by {-found['relative']:.1%} of its {found['measure']}"
        f" (from {-found['relative_high']:.1%} to {-found['relative_low']:.1%})"
    )


def _quality(report: Mapping[str, Any] | None) -> str:
    """Say how well the model in use ranked what customers bought next."""
    if not report:
        return "not judged"
    for row in report.get("ranking", ()):
        if row["model"] == report.get("model") and row["segment"] == "all":
            return f"NDCG@{report['k']} {row['ndcg']:.3f}"
    return "not judged"


def _document(model: Model) -> dict[str, Any]:
    return {
        "version": model.version,
        "trained_at": model.trained_at.isoformat(),
        "state": model.state.value,
        **dict(model.facts),
        "report": model.report,
        "verdict": model.verdict,
    }


def _say(version: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"current": version}))
    else:
        click.echo(f"Model {version} is current.")
