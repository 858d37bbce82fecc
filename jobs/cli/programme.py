"""The programme's points rule, and what holds at its checkout."""

from collections.abc import Collection
from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

import click
from sqlalchemy.orm import Session

from jobs.cli.setting_up import configured, opened
from jobs.tasks.excluding import exclude, hidden_categories
from loyalty.catalogue.queries import category_names
from loyalty.core.clock import utc_now
from loyalty.stores.queries import get_programme
from loyalty.stores.service import save_programme
from loyalty.stores.values import Exclusions, Lifetime, PointsRule, Programme


class _Amount(click.ParamType[Decimal]):
    name = "amount"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        try:
            return Decimal(str(value))
        except InvalidOperation:
            self.fail(f"{value!r} is not an amount such as 0.01", param, ctx)


@click.group("programme")
def programme_group() -> None:
    """Look at the programme's settings, and change them."""


@programme_group.command("points")
@click.option("--points", type=int, help="How many points …")
@click.option("--per", type=_Amount(), help="… so much money earns.")
@click.option("--value", type=_Amount(), help="Of one point as money off; 0: none.")
@click.option("--delay-days", type=int, help="How long points are pending.")
@click.option("--lifetime", type=click.Choice([kind.value for kind in Lifetime]))
@click.option("--lifetime-days", type=int, help="For rolling and inactivity.")
@click.option("--fixed-month", type=int, help="For fixed_date: its month, 1 to 12,")
@click.option("--fixed-day", type=int, help="its day,")
@click.option("--fixed-years", type=int, help="and how many years on.")
def points(**changes: int | Decimal | str | None) -> None:
    """
    Print the points rule in force; with options make a new version of it first.

    What was earned before keeps the version that it was earned by.
    """
    wanted = {name: value for name, value in changes.items() if value is not None}
    if "lifetime" in wanted:
        wanted["lifetime"] = Lifetime(str(wanted["lifetime"]))
    with configured() as settings, opened(settings) as database:
        if wanted:
            with database.transaction() as session:
                _change(session, wanted)
        with database.transaction() as session:
            _print(get_programme(session).points_rule)


@programme_group.command("checkout")
@click.option(
    "--reservation-minutes",
    type=click.IntRange(1, 24 * 60),
    help="How long a reserved quote holds unless the request says otherwise.",
)
@click.option(
    "--recheck-thresholds/--no-recheck-thresholds",
    default=None,
    help="Price anew what is kept when goods come back.",
)
def checkout(**changes: int | bool | None) -> None:
    """Print what holds at the checkout; with options change it first."""
    wanted: dict[str, Any] = {
        name: value for name, value in changes.items() if value is not None
    }
    with configured() as settings, opened(settings) as database:
        with database.transaction() as session:
            if wanted:
                _save(session, replace(get_programme(session), **wanted))
        with database.transaction() as session:
            programme = get_programme(session)
    click.echo(f"reservation_minutes {programme.reservation_minutes}")
    click.echo(f"recheck_thresholds  {str(programme.recheck_thresholds).lower()}")


@programme_group.command("messages")
@click.option(
    "--double-opt-in",
    "confirmed",
    multiple=True,
    type=click.Choice(["email", "sms", "none"]),
    help="Where a yes has to be confirmed; replaces what was chosen before.",
)
@click.option("--max-per-week", type=click.IntRange(0, 14), help="Over all campaigns.")
def messages(confirmed: tuple[str, ...], max_per_week: int | None) -> None:
    """Print what holds for consents and messages; with options change it first."""
    with configured() as settings, opened(settings) as database:
        with database.transaction() as session:
            known = changed = get_programme(session)
            if confirmed:
                asked = frozenset(confirmed) - {"none"}
                changed = replace(changed, double_opt_in=asked)
            if max_per_week is not None:
                changed = replace(changed, max_messages_per_week=max_per_week)
            if changed != known:
                _save(session, changed)
        with database.transaction() as session:
            programme = get_programme(session)
    click.echo(f"double_opt_in {', '.join(sorted(programme.double_opt_in)) or 'none'}")
    click.echo(f"max_per_week  {programme.max_messages_per_week}")


@programme_group.command("exclusions")
@click.option("--category", "categories", multiple=True, help="Leave it out.")
@click.option("--word", "words", multiple=True, help="Leave out what is called so.")
@click.option("--allow-category", "allowed", multiple=True, help="No longer.")
@click.option("--allow-word", "spoken", multiple=True, help="No longer.")
def exclusions(**changes: tuple[str, ...]) -> None:
    """
    Print what is never recommended nor named as a reason; change it first.

    It comes on top of the built-in words for alcohol, tobacco, health, private life
    and belief, and holds at once. A category goes with all that is below it; a word
    or phrase counts wherever it stands in the path of a category.
    """
    with configured() as settings, opened(settings) as database:
        with database.transaction() as session:
            known = get_programme(session).exclusions
            if any(changes.values()):
                _check_categories(changes["categories"], category_names(session))
                known = _changed(known, changes)
                done = exclude(session, exclusions=known, actor="system", now=utc_now())
                if done.reasons:
                    click.echo(f"{done.reasons} offers no longer say why.", err=True)
        with database.transaction() as session:
            hidden = hidden_categories(session, exclusions=known)
    for kind, names in (
        ("category", known.categories),
        ("word", known.words),
        ("left out", hidden),
    ):
        for name in names:
            click.echo(f"{kind:8} {name}")


def _changed(known: Exclusions, changes: dict[str, tuple[str, ...]]) -> Exclusions:
    """Return the exclusions with some more and without some."""
    categories = dict.fromkeys((*known.categories, *changes["categories"]))
    words = dict.fromkeys(" ".join(w.split()) for w in changes["words"] if w.strip())
    return Exclusions(
        categories=tuple(c for c in categories if c not in changes["allowed"]),
        words=tuple(
            word
            for word in dict.fromkeys((*known.words, *words))
            if word not in changes["spoken"]
        ),
    )


def _check_categories(given: Collection[str], known: Collection[str]) -> None:
    """Refuse a category that the catalogue has not: it would leave nothing out."""
    for path in given:
        if path not in known:
            near = get_close_matches(path, known, n=3)
            hint = f" Perhaps: {', '.join(near)}." if near else ""
            text = f"There is no category {path!r} in the catalogue.{hint}"
            raise click.BadParameter(text, param_hint="--category")


def _change(session: Session, wanted: dict[str, Any]) -> None:
    programme = get_programme(session)
    rule = replace(programme.points_rule, **wanted)
    _save(session, replace(programme, points_rule=rule))


def _save(session: Session, programme: Programme) -> None:
    save_programme(session, programme=programme, actor="system", now=utc_now())


def _print(rule: PointsRule) -> None:
    for field in fields(rule):
        value = getattr(rule, field.name)
        if isinstance(value, Decimal):
            value = f"{value.normalize():f}"
        click.echo(f"{field.name:14} {value}")
