"""Tiers: defining them, with how many members would be in each."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from flask import flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.pages import (
    FieldProblems,
    actor,
    blueprint,
    field,
    needs_all_stores,
    number,
    show,
)
from loyalty.core.clock import utc_now
from loyalty.core.errors import Invalid
from loyalty.core.money import NotMoney, decimal_text, parse_money
from loyalty.core.texts import current_language, normalise_digits, pick
from loyalty.core.texts import gettext as _
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme
from loyalty.tiers.queries import count_by_tier, count_held, get_ladder
from loyalty.tiers.render import rule_sentence
from loyalty.tiers.rules import check_ladder
from loyalty.tiers.service import save_ladder
from loyalty.tiers.values import Basis, Ladder, Span, Tier
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to

_BLANK_ROWS: Final = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A line of the form, as it was typed."""

    code: str = ""
    name: str = ""
    threshold: str = ""


@blueprint.get("/tiers")
@requires(Permission.PROGRAMME_WRITE)
def tiers() -> ResponseReturnValue:
    """Show the tiers, and how many members have each."""
    needs_all_stores(Permission.PROGRAMME_WRITE)
    return _show(FieldProblems())


@blueprint.post("/tiers")
@requires(Permission.PROGRAMME_WRITE)
def save_tiers() -> ResponseReturnValue:
    """Save the tiers, or only say how many members would be in each."""
    needs_all_stores(Permission.PROGRAMME_WRITE)
    try:
        with database().transaction() as session:
            ladder = _typed_ladder(session)
            check_ladder(ladder)
            if field("do") == "preview":
                counts = count_by_tier(session, ladder=ladder, now=utc_now())
            else:
                save_ladder(session, ladder=ladder, actor=actor(), now=utc_now())
                counts = None
    except Invalid as error:
        return _show(_problems(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if counts is not None:
        return _show(FieldProblems(), previewed=(ladder, counts))
    flash(_("Saved. Everybody's tier is being reviewed."))
    return redirect_to("/admin/tiers")


def _rows() -> list[Row]:
    columns = (request.form.getlist(name) for name in ("code", "name", "threshold"))
    lines = zip(*columns, strict=False)
    rows = [
        Row(
            code=code.strip(),
            name=name.strip(),
            threshold=normalise_digits(threshold).strip(),
        )
        for code, name, threshold in lines
    ]
    return [row for row in rows if row != Row()]


def _typed_ladder(session: Session) -> Ladder:
    basis = Basis.SPENT if field("basis") == Basis.SPENT else Basis.POINTS
    span = Span.CALENDAR_YEAR if field("span") == Span.CALENDAR_YEAR else Span.ROLLING
    names = {tier.code: dict(tier.name) for tier in get_ladder(session).tiers}
    currency = get_programme(session).currency
    return Ladder(
        basis=basis,
        span=span,
        days=number("days", otherwise=365),
        grace_days=number("grace_days", otherwise=0),
        tiers=tuple(
            Tier(
                code=row.code,
                name=names.get(row.code, {}) | {current_language(): row.name},
                threshold=_threshold(row.threshold, basis, currency, place),
            )
            for place, row in enumerate(_rows())
        ),
    )


def _threshold(typed: str, basis: Basis, currency: str, place: int) -> int:
    try:
        if basis is Basis.SPENT:
            return parse_money(typed, currency).amount
        if typed.isascii() and typed.isdigit():
            return int(typed)
        message = _("Type a whole number.")
    except NotMoney:
        message = _("Type an amount of money.")
    raise Invalid.field(pointer=f"/tiers/{place}/threshold", message=message)


def _problems(error: Invalid) -> FieldProblems:
    """Return problems by field; those of a line as ``code-0``."""
    found = FieldProblems()
    for problem in error.problems:
        match problem.pointer.strip("/").split("/"):
            case ["tiers", place, name]:
                found.setdefault(f"{name}-{place}", problem.message)
            case [name, *_rest]:
                found.setdefault(name, problem.message)
    return found


def _show(
    problems: FieldProblems,
    *,
    previewed: tuple[Ladder, dict[str, int]] | None = None,
    status: int = HTTPStatus.OK,
) -> ResponseReturnValue:
    with database().transaction() as session:
        ladder = get_ladder(session)
        held = count_held(session)
        currency = get_programme(session).currency
    typed = request.method == "POST"
    rows = (
        _rows()
        if typed
        else [_row(tier, ladder.basis, currency) for tier in ladder.tiers]
    )
    return show(
        "tiers.html",
        status=status,
        ladder=ladder,
        held=[(pick(dict(tier.name)), held.get(tier.code, 0)) for tier in ladder.tiers],
        rule=rule_sentence(previewed[0] if previewed else ladder),
        rows=[*rows, *[Row()] * _BLANK_ROWS],
        basis=field("basis") if typed else ladder.basis.value,
        span=field("span") if typed else ladder.span.value,
        days=field("days") if typed else str(ladder.days),
        grace_days=field("grace_days") if typed else str(ladder.grace_days),
        problems=problems,
        preview=previewed
        and [
            (pick(dict(tier.name)), previewed[1][tier.code])
            for tier in previewed[0].tiers
        ],
    )


def _row(tier: Tier, basis: Basis, currency: str) -> Row:
    money = basis is Basis.SPENT
    return Row(
        code=tier.code,
        name=pick(dict(tier.name)),
        threshold=decimal_text(tier.threshold, currency)
        if money
        else str(tier.threshold),
    )
