"""The versions of a template, what changed in each, and a test to oneself."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from flask import flash, request
from flask.typing import ResponseReturnValue

from loyalty.admin.pages import actor, blueprint, needs_all_stores, show
from loyalty.admin.wordings.listing import may_write
from loyalty.core.clock import utc_now
from loyalty.core.errors import LoyaltyError
from loyalty.core.jobs import enqueue
from loyalty.core.texts import LANGUAGES, format_language
from loyalty.core.texts import gettext as _
from loyalty.staff.queries import actor_names
from loyalty.staff.values import Permission
from loyalty.templates import service
from loyalty.templates.queries import get_template, get_version
from loyalty.templates.render import part_name
from loyalty.templates.values import Part, Template, Version
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.people import current_staff
from loyalty.web.protection import limiter
from loyalty.web.surface import redirect_to


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A run of words in a comparison."""

    text: str
    how: str
    """``same``, ``gone`` or ``new``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """A part that is not as it was in the version before."""

    language: str
    part: str
    pieces: tuple[Piece, ...]


@blueprint.get("/templates/<code>/versions")
@requires(Permission.CAMPAIGNS_READ)
def template_versions(code: str) -> ResponseReturnValue:
    """Show all versions, the newest first, each with what changed in it."""
    with database().transaction() as session:
        found = get_template(session, code=code)
        names = actor_names(session)
    return show(
        "template_versions.html",
        template=found,
        history=[(one, _changes(found, one)) for one in found.versions],
        names=names,
        may_write=may_write(),
    )


@blueprint.post("/templates/<code>/versions/<int:number>")
@requires(Permission.CAMPAIGNS_WRITE)
def change_version(code: str, number: int) -> ResponseReturnValue:
    """Take a version back, publish it again, or begin a draft with its words."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    action = request.form.get("action", "")
    who, now = actor(), utc_now()
    address = f"/admin/templates/{code}/versions"
    try:
        with database().transaction() as session:
            if action == "withdraw":
                service.withdraw(session, code=code, number=number, actor=who, now=now)
                said = _("Taken back: new messages get the version before it.")
            elif action == "put_back":
                service.put_back(session, code=code, number=number, actor=who, now=now)
                said = _("Published again.")
            else:
                service.start_draft(session, code=code, like=number, actor=who, now=now)
                said = _("A draft with these words: change them and publish.")
                address = f"/admin/templates/{code}"
    except LoyaltyError as refusal:
        flash(str(refusal), "warn")
        return redirect_to(address)
    flash(said)
    return redirect_to(address)


def _staff() -> str:
    return f"template-test:{current_staff().id}"


@blueprint.post("/templates/<code>/versions/<int:number>/test")
@requires(Permission.CAMPAIGNS_WRITE)
@limiter.limit("10 per hour", key_func=_staff)
def send_test(code: str, number: int) -> ResponseReturnValue:
    """Mail a saved version to whoever asks, marked as a test."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    asked = request.form.get("reading", "")
    language = asked if asked in LANGUAGES else LANGUAGES[0]
    member = current_staff()
    with database().transaction() as session:
        get_version(session, code=code, number=number)
        enqueue(
            session,
            "send_template_test",
            code=code,
            number=number,
            language=language,
            staff_id=member.id,
        )
    flash(_("The saved words are on their way to %(email)s.", email=member.email))
    return redirect_to(f"/admin/templates/{code}?language={language}")


def _changes(found: Template, version: Version) -> tuple[Changed, ...]:
    older = [one for one in found.versions if one.number < version.number]
    before = older[0].texts if older else {}
    changed = []
    for language in sorted({*before, *version.texts}):
        for part in Part:
            was = before.get(language, {}).get(part, "")
            now = version.texts.get(language, {}).get(part, "")
            if was != now:
                changed.append(
                    Changed(
                        language=format_language(language),
                        part=part_name(part),
                        pieces=tuple(_pieces(was, now)),
                    )
                )
    return tuple(changed)


def _pieces(was: str, now: str) -> Iterator[Piece]:
    """Compare word by word."""
    old, new = was.split(" "), now.split(" ")
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            yield Piece(text=" ".join(old[i:j]), how="same")
            continue
        if i < j and any(old[i:j]):
            yield Piece(text=" ".join(old[i:j]), how="gone")
        if k < m and any(new[k:m]):
            yield Piece(text=" ".join(new[k:m]), how="new")
