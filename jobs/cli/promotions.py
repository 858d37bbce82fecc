"""Pricing baskets from a file, and explaining prices that were quoted."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from jobs.cli.setting_up import configured, opened
from loyalty.core.errors import Invalid
from loyalty.promotions.render import price_case
from loyalty.promotions.schema.cases import check_case
from loyalty.promotions.values.kept import QuoteID
from loyalty.purchases.values import PurchaseID
from loyalty.usecases.explain_quote import explain_purchase, explain_quote

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("promotions")
def promotions_group() -> None:
    """Price baskets and look at promotions."""


@promotions_group.command("price")
@click.argument("cases", type=_FILE)
@click.option("--check", "compare", is_flag=True, help="Compare with `expected`.")
def price(*, cases: Path, compare: bool) -> None:
    """
    Price each case of CASES, one JSON object a line, and write one quote a line.

    With --check print what differs from the expected figures; exit status 1 if
    anything does.
    """
    differences = 0
    count = 0
    for place, case in _cases(cases):
        count += 1
        try:
            quote = price_case(case)
        except Invalid as problem:
            click.echo(f"{cases}:{place}: {problem}", err=True)
            differences += 1
            continue
        if not compare:
            click.echo(json.dumps(quote, ensure_ascii=False))
            continue
        for difference in check_case(case, quote):
            click.echo(f"{case.get('case', place)}: {difference}")
            differences += 1
    if compare:
        click.echo(f"{count} cases, {differences} differences")
    if differences:
        raise SystemExit(1)


@promotions_group.command("explain")
@click.argument("quote")
@click.option(
    "--purchase", "of_purchase", is_flag=True, help="QUOTE is a purchase's number."
)
def explain(*, quote: str, of_purchase: bool) -> None:
    """
    Compute a QUOTE again from what it kept, and say each step.

    Exit status 1, and what differs, when the price is not the one that was kept.
    """
    with configured() as settings, opened(settings) as database:
        with database.transaction() as session:
            found = (
                explain_purchase(session, purchase_id=PurchaseID(_number(quote)))
                if of_purchase
                else explain_quote(session, quote_id=QuoteID(quote))
            )
        for place, step in enumerate(found.steps, start=1):
            click.echo(f"{place:3}. {step}")
        for difference in found.differences:
            click.echo(f"DIFFERS {difference}", err=True)
    if found.differences:
        raise SystemExit(1)
    click.echo("The same price as was kept.")


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        message = f"{text!r} is not the number of a purchase."
        raise click.UsageError(message)
    return int(text)


def _cases(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    with path.open(encoding="utf-8") as lines:
        for place, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                case = json.loads(line)
            except ValueError as problem:
                message = f"{path}:{place}: no JSON: {problem}"
                raise click.ClickException(message) from None
            yield place, case
