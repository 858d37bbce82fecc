"""The editor: one language of a draft, with the words at hand and a live preview."""

from dataclasses import replace
from http import HTTPStatus

from flask import flash, request
from flask.typing import ResponseReturnValue

from loyalty.admin.pages import FieldProblems, actor, blueprint, needs_all_stores, show
from loyalty.admin.wordings.listing import may_write
from loyalty.core.clock import utc_now
from loyalty.core.errors import LoyaltyError
from loyalty.core.texts import format_language
from loyalty.core.texts import gettext as _
from loyalty.staff.values import Permission
from loyalty.stores.queries import get_programme
from loyalty.templates import service
from loyalty.templates.queries import get_template
from loyalty.templates.render import flaw_sentence, part_name, purpose_name, word_hint
from loyalty.templates.rules import missing_languages, tidy
from loyalty.templates.rules.vocabulary import VOCABULARIES
from loyalty.templates.values import (
    Flaw,
    Part,
    Template,
    Version,
    Words,
)
from loyalty.web.context import database
from loyalty.web.guards import requires
from loyalty.web.surface import redirect_to

MAIL_PARTS = (Part.SUBJECT, Part.PREHEADER, Part.BODY, Part.BUTTON)
OTHER_PARTS = (Part.SMS, Part.PUSH, Part.TELEGRAM, Part.TILL, Part.LETTER)


@blueprint.get("/templates/<code>")
@requires(Permission.CAMPAIGNS_READ)
def template(code: str) -> ResponseReturnValue:
    """Show the draft's words in one language, or the newest version's."""
    return _show(code, ())


@blueprint.post("/templates/<code>")
@requires(Permission.CAMPAIGNS_WRITE)
def change_template(code: str) -> ResponseReturnValue:
    """Save the draft, and publish, undo or throw it away if that was asked."""
    needs_all_stores(Permission.CAMPAIGNS_WRITE)
    action = request.form.get("action", "save")
    try:
        with database().transaction() as session:
            found = get_template(session, code=code)
            who, now = actor(), utc_now()
            if action == "undo":
                service.undo_draft(session, code=code, actor=who, now=now)
            elif action == "discard":
                service.discard_draft(session, code=code, actor=who, now=now)
            else:
                texts = shown_version(found).texts
                texts = {**texts, typed_language(found): typed_words()}
                saved = service.save_draft(
                    session, code=code, texts=texts, actor=who, now=now
                )
                if action == "publish":
                    service.publish(
                        session, code=code, number=saved.number, actor=who, now=now
                    )
    except service.WordsRefused as refusal:
        return _show(code, refusal.flaws, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except LoyaltyError as refusal:
        flash(str(refusal), "warn")
        return redirect_to(_here(code))
    flash(_SAID.get(action, _SAID["save"])())
    return redirect_to(_here(code))


def shown_version(found: Template) -> Version:
    """Return the draft, else the current version, else the newest."""
    return found.draft or found.current or found.versions[0]


def typed_words() -> Words:
    """Return the words that stand in the form."""
    words = {part: request.form.get(f"words_{part}", "") for part in Part}
    return tidy({"": words}).get("", {})


def typed_version(found: Template) -> Version:
    """Return the shown version with the words that stand in the form."""
    version = shown_version(found)
    if request.method != "POST":
        return version
    return replace(
        version, texts={**version.texts, typed_language(found): typed_words()}
    )


def typed_language(found: Template) -> str:
    """Return the language that is being written."""
    with database().transaction() as session:
        languages = get_programme(session).languages
    asked = request.form.get("language") or request.args.get("language") or ""
    return asked if asked in (*languages, *shown_version(found).texts) else languages[0]


def _here(code: str) -> str:
    language = request.form.get("language", "")
    plain = language.isascii() and language.isalpha()
    return f"/admin/templates/{code}" + (f"?language={language}" if plain else "")


def _show(
    code: str, flaws: tuple[Flaw, ...], *, status: int = HTTPStatus.OK
) -> ResponseReturnValue:
    with database().transaction() as session:
        found = get_template(session, code=code)
        languages = get_programme(session).languages
    version = shown_version(found)
    language = typed_language(found)
    words = typed_words() if flaws else version.texts.get(language, {})
    here = {flaw.part: flaw for flaw in flaws if flaw.language == language}
    vocabulary = VOCABULARIES[found.purpose]
    return show(
        "template.html",
        status=status,
        template=found,
        version=version,
        editable=found.draft is not None and may_write(),
        purpose=purpose_name(found.purpose),
        written=language,
        languages=[(one, format_language(one)) for one in languages],
        missing=missing_languages(version.texts, languages),
        words={part.value: words.get(part, "") for part in Part},
        names={part.value: part_name(part) for part in Part},
        mail_parts=[part.value for part in MAIL_PARTS],
        other_parts=[part.value for part in OTHER_PARTS],
        problems=FieldProblems(
            {part.value: flaw_sentence(flaw) for part, flaw in here.items()}
        ),
        elsewhere=[flaw_sentence(one) for one in flaws if one.language != language],
        vocabulary=[(word, word_hint(word)) for word in vocabulary.words],
        lists=vocabulary.lists,
        may_write=may_write(),
    )


_SAID = {
    "save": lambda: _("Saved as a draft: nobody gets it before it is published."),
    "publish": lambda: _("Published: new messages get these words from now on."),
    "undo": lambda: _("The last change is taken back. Undo again to bring it back."),
    "discard": lambda: _("The draft is thrown away; what is published stays."),
}
