"""Pricing baskets from a file: no database, no server."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from loyalty.core.errors import Invalid
from loyalty.promotions.render import price_case
from loyalty.promotions.schema.cases import check_case

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
