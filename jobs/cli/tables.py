"""Taking over tables from another system: CSV files with a heading."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import click
from sqlalchemy.orm import Session

from jobs.cli.setting_up import configured, opened, progress_bar
from loyalty.catalogue.service import save_products
from loyalty.catalogue.values import Product
from loyalty.core.clock import utc_now
from loyalty.customers.service.imports import Newcomer, import_customers
from loyalty.offers.service import (
    add_recipients,
    add_redemptions,
    import_campaigns,
)
from loyalty.offers.values import PastCampaign
from loyalty.purchases.service.imports import (
    PastPurchase,
    Takeover,
    import_purchases,
    note_past_prices,
)
from loyalty.stores.queries import get_programme
from loyalty.usecases import import_tables as tables

T = TypeVar("T")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN = 10

_OPTIONS = (
    click.argument("path", metavar="FILE", type=_FILE),
    click.option("--dry-run", is_flag=True, help="Read and check; change nothing."),
    click.option("--skip-bad", is_flag=True, help="Take over the rows that are fine."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
)


@click.group("import")
def import_group() -> None:
    """
    Take over products, customers, purchases or past campaigns from a CSV file.

    Nothing is changed while a row is at fault, unless --skip-bad is given; the bad
    rows, with what is wrong, go to FILE.bad.csv. Exit status 1 if there are any.
    """


@import_group.command("products")
def products(path: Path, *, dry_run: bool, skip_bad: bool, as_json: bool) -> None:
    """Add articles, or bring those that exist up to date."""

    def read(session: Session) -> tables.Reading[Product]:
        currency = get_programme(session).currency
        return tables.read_products(_rows(path), currency=currency)

    def save(session: Session, reading: tables.Reading[Product]) -> None:
        save_products(session, products=reading.items, now=utc_now())

    _run(path, read, save, dry_run=dry_run, skip_bad=skip_bad, as_json=as_json)


@import_group.command("customers")
def customers(path: Path, *, dry_run: bool, skip_bad: bool, as_json: bool) -> None:
    """Add members with the consents they gave."""

    def read(session: Session) -> tables.Reading[Newcomer]:
        programme = get_programme(session)
        return tables.read_customers(session, _rows(path), programme=programme)

    def save(session: Session, reading: tables.Reading[Newcomer]) -> None:
        import_customers(session, newcomers=reading.items, actor="system")

    _run(path, read, save, dry_run=dry_run, skip_bad=skip_bad, as_json=as_json)


@import_group.command("purchases")
def purchases(path: Path, *, dry_run: bool, skip_bad: bool, as_json: bool) -> None:
    """Add past purchases of members; no points are earned by them."""

    def read(session: Session) -> tables.Reading[PastPurchase]:
        programme = get_programme(session)
        return tables.read_purchases(session, _rows(path), programme=programme)

    def save(session: Session, reading: tables.Reading[PastPurchase]) -> None:
        takeover = Takeover(
            currency=get_programme(session).currency, recorded_by=f"import:{path.name}"
        )
        import_purchases(
            session, purchases=reading.items, takeover=takeover, now=utc_now()
        )
        note_past_prices(session, recorded_by=takeover.recorded_by)

    _run(path, read, save, dry_run=dry_run, skip_bad=skip_bad, as_json=as_json)


@import_group.command("campaigns")
def campaigns(path: Path, *, dry_run: bool, skip_bad: bool, as_json: bool) -> None:
    """Add past campaigns of the other system, one row an offer."""

    def read(session: Session) -> tables.Reading[PastCampaign]:
        currency = get_programme(session).currency
        return tables.read_campaigns(session, _rows(path), currency=currency)

    def save(session: Session, reading: tables.Reading[PastCampaign]) -> None:
        recorded_by = f"import:{path.name}"
        import_campaigns(
            session, campaigns=reading.items, recorded_by=recorded_by, now=utc_now()
        )

    _run(path, read, save, dry_run=dry_run, skip_bad=skip_bad, as_json=as_json)


@import_group.command("recipients")
def recipients(path: Path, *, dry_run: bool, skip_bad: bool, as_json: bool) -> None:
    """Add whom past campaigns reached, or held out to compare with."""

    def read(session: Session) -> tables.Reading[tables.Recipient]:
        programme = get_programme(session)
        return tables.read_recipients(session, _rows(path), programme=programme)

    def save(session: Session, reading: tables.Reading[tables.Recipient]) -> None:
        found = [(one.campaign, one.customer_id, one.holdout) for one in reading.items]
        add_recipients(session, recipients=found)

    _run(path, read, save, dry_run=dry_run, skip_bad=skip_bad, as_json=as_json)


@import_group.command("redemptions")
def redemptions(path: Path, *, dry_run: bool, skip_bad: bool, as_json: bool) -> None:
    """Add what was redeemed of past campaigns."""

    def read(session: Session) -> tables.Reading[tables.Redemption]:
        programme = get_programme(session)
        return tables.read_redemptions(session, _rows(path), programme=programme)

    def save(session: Session, reading: tables.Reading[tables.Redemption]) -> None:
        found = [(one.campaign, one.redemption) for one in reading.items]
        add_redemptions(session, redemptions=found)

    _run(path, read, save, dry_run=dry_run, skip_bad=skip_bad, as_json=as_json)


for _command in (
    products,
    customers,
    purchases,
    campaigns,
    recipients,
    redemptions,
):
    for _option in _OPTIONS:
        _option(_command)


def _rows(path: Path) -> Iterator[tables.Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file, restval=""))
    with progress_bar() as tell:
        for number, row in enumerate(lines, start=1):
            yield {name: cell for name, cell in row.items() if isinstance(cell, str)}
            tell("Rows", number, len(lines))


def _run(  # what the commands share
    path: Path,
    read: Callable[[Session], tables.Reading[T]],
    save: Callable[[Session, tables.Reading[T]], None],
    *,
    dry_run: bool,
    skip_bad: bool,
    as_json: bool,
) -> None:
    with (
        configured() as settings,
        opened(settings) as database,
        database.transaction() as session,
    ):
        reading = read(session)
        wanted = not dry_run and (skip_bad or not reading.bad)
        if wanted:
            save(session, reading)
    if reading.bad:
        _write_bad(path.with_name(f"{path.name}.bad.csv"), reading.bad)
    saved = len(reading.items) if wanted else 0
    if as_json:
        figures = {"good": len(reading.items), "bad": len(reading.bad), "saved": saved}
        click.echo(json.dumps(figures))
    else:
        _tell(path, reading, saved)
    if reading.bad:
        raise SystemExit(1)


def _write_bad(path: Path, bad: tuple[tables.BadRow, ...]) -> None:
    columns = [*bad[0].row, "row", "column", "problem"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        for one in bad:
            said = {"row": one.number, "column": one.column, "problem": one.message}
            writer.writerow({**one.row, **said})


def _tell(path: Path, reading: tables.Reading[T], saved: int) -> None:
    for one in reading.bad[:_SHOWN]:
        click.echo(f"{path}: row {one.number}, {one.column}: {one.message}", err=True)
    if len(reading.bad) > _SHOWN:
        click.echo(f"… and {len(reading.bad) - _SHOWN} more", err=True)
    click.echo(f"{len(reading.items)} good, {len(reading.bad)} bad, {saved} saved")
