"""Checking and sealing the points' books by hand."""

import json
import time

import click

from jobs.cli.setting_up import configured, opened
from loyalty.core.clock import utc_now
from loyalty.points.queries.books import Audit
from loyalty.points.service import seal_transfers
from loyalty.usecases.verify_ledger import verify_ledger


@click.group("ledger")
def ledger_group() -> None:
    """Check and seal the points' books."""


@ledger_group.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(*, as_json: bool) -> None:
    """
    Check every invariant over all movements, say what is wrong; exit 1 if anything is.

    Reads one moment, and keeps nobody from spending meanwhile.
    """
    started = time.monotonic()
    with (
        configured() as settings,
        opened(settings) as database,
        database.transaction() as session,
    ):
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        audit = verify_ledger(session)
    if as_json:
        click.echo(json.dumps(_document(audit)))
    else:
        _say(audit, seconds=time.monotonic() - started)
    if audit.wrong:
        raise SystemExit(1)


@ledger_group.command("seal")
def seal() -> None:
    """Seal all movements and audit entries that no seal covers; print the last seal."""
    last = None
    with configured() as settings, opened(settings) as database:
        while True:
            with database.transaction() as session:
                made = seal_transfers(session, now=utc_now())
            if made is None:
                break
            last = made
    if last is None:
        click.echo("All is sealed.")
    else:
        click.echo(f"Seal {last.number}: {last.digest.hex()}")


def _say(audit: Audit, *, seconds: float) -> None:
    for wrong in audit.wrong:
        click.echo(f"Wrong ({wrong.invariant}): {wrong.rule}")
        for where in wrong.where:
            click.echo(f"  {where}")
        if wrong.count > len(wrong.where):
            click.echo(f"  and {wrong.count - len(wrong.where)} more")
    verdict = "everything adds up" if not audit.wrong else "the books are wrong"
    click.echo(
        f"{audit.transfers} movements of {audit.members} members in {seconds:.1f} s:"
        f" {verdict}."
    )


def _document(audit: Audit) -> dict[str, object]:
    return {
        "members": audit.members,
        "movements": audit.transfers,
        "wrong": [
            {
                "invariant": wrong.invariant,
                "rule": wrong.rule,
                "count": wrong.count,
                "where": list(wrong.where),
            }
            for wrong in audit.wrong
        ],
    }
