"""Writing drafts: the only words that change."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Invalid, NotFound, Problem
from loyalty.templates.models import StoredTexts, TemplateRow, TemplateVersionRow
from loyalty.templates.queries import get_template_row, get_version, to_version
from loyalty.templates.render import flaw_sentence
from loyalty.templates.rules import check_texts, tidy
from loyalty.templates.values import (
    Flaw,
    Part,
    TemplatePurpose,
    Texts,
    Version,
    VersionState,
)

_CODE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_CODE: Final = 40
_LONGEST_NAME: Final = 80


class TemplateExists(Invalid):
    """The code is taken."""

    code = "template_exists"


class DraftNotFound(NotFound):
    """The template has no draft."""

    code = "draft_not_found"


class WordsRefused(Invalid):
    """Words that can't be kept; each flaw says where and the way out."""

    code = "words_refused"

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__(
            Problem(
                pointer=f"/texts/{flaw.language}/{flaw.part}",
                message=flaw_sentence(flaw),
                code=flaw.kind,
            )
            for flaw in self.flaws
        )


def create_template(  # noqa: PLR0913  # what a template is, and who made it
    session: Session,
    *,
    code: str,
    name: str,
    purpose: TemplatePurpose,
    texts: Mapping[str, Mapping[Part, str]],
    actor: str,
    now: datetime,
) -> Version:
    """
    Make a template with its first draft.

    :raises TemplateExists: if the code is taken
    :raises WordsRefused: if the words can't be kept
    :raises Invalid: if the code or the name is none
    """
    name = " ".join(name.split())
    if not _CODE.fullmatch(code) or len(code) > _LONGEST_CODE:
        message = "Use small letters, digits and hyphens, at most 40: spring-coffee."
        raise Invalid.field(pointer="/code", message=message, code="code")
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        message = "Give it a name of at most 80 characters."
        raise Invalid.field(pointer="/name", message=message, code="name")
    stored = _checked(texts, purpose)
    template_id = session.scalar(
        postgresql.insert(TemplateRow)
        .values(code=code, name=name, purpose=purpose, created_at=now)
        .on_conflict_do_nothing()
        .returning(TemplateRow.id)
    )
    if template_id is None:
        message = f"There is a template {code!r} already: choose another code."
        raise TemplateExists.field(pointer="/code", message=message, code="taken")
    row = session.get_one(TemplateRow, template_id)
    version = _add_draft(session, row, stored, actor=actor, now=now)
    _note(session, version, "template.create", actor=actor, now=now)
    return version


def start_draft(
    session: Session, *, code: str, like: int, actor: str, now: datetime
) -> Version:
    """
    Begin a new version with the words of an earlier one, or return the draft there is.

    :param like: the number of the version to begin with
    :raises TemplateNotFound: if there is no such template or version
    """
    row = get_template_row(session, code=code)
    texts = get_version(session, code=code, number=like).texts
    draft = _draft_row(session, row)
    if draft is not None:
        return to_version(row, draft)
    version = _add_draft(session, row, _stored(texts), actor=actor, now=now)
    _note(session, version, "template.draft", actor=actor, now=now)
    return version


def save_draft(
    session: Session,
    *,
    code: str,
    texts: Mapping[str, Mapping[Part, str]],
    actor: str,
    now: datetime,
) -> Version:
    """
    Keep the draft's words; those before are kept for undoing it once.

    :raises DraftNotFound: if there is no draft
    :raises WordsRefused: if the words can't be kept; nothing is changed then
    """
    row = get_template_row(session, code=code)
    draft = _get_draft(session, row)
    stored = _checked(texts, row.purpose)
    if stored == draft.texts:
        return to_version(row, draft)
    _replace(draft, stored, now=now)
    version = to_version(row, draft)
    _note(session, version, "template.save", actor=actor, now=now)
    return version


def undo_draft(session: Session, *, code: str, actor: str, now: datetime) -> Version:
    """
    Take the draft's last change back; doing it again brings it back.

    :raises DraftNotFound: if there is no draft, or nothing to undo
    """
    row = get_template_row(session, code=code)
    draft = _get_draft(session, row)
    if draft.before is None:
        message = "There is nothing to undo."
        raise DraftNotFound(message)
    _replace(draft, draft.before, now=now)
    version = to_version(row, draft)
    _note(session, version, "template.undo", actor=actor, now=now)
    return version


def discard_draft(session: Session, *, code: str, actor: str, now: datetime) -> None:
    """
    Throw the draft away; what is published stays.

    :raises DraftNotFound: if there is no draft, or nothing else of the template
    """
    row = get_template_row(session, code=code)
    draft = _get_draft(session, row)
    if draft.number == 1:
        message = "It has no other version yet: write on, or leave it as it is."
        raise DraftNotFound(message)
    _note(session, to_version(row, draft), "template.discard", actor=actor, now=now)
    session.delete(draft)
    session.flush()


def _replace(draft: TemplateVersionRow, texts: StoredTexts, *, now: datetime) -> None:
    draft.before = draft.texts
    draft.texts = texts
    draft.changed_at = now


def _checked(
    texts: Mapping[str, Mapping[Part, str]], purpose: TemplatePurpose
) -> StoredTexts:
    tidied = tidy(texts)
    flaws = check_texts(tidied, purpose)
    if flaws:
        raise WordsRefused(flaws)
    return _stored(tidied)


def _stored(texts: Texts) -> StoredTexts:
    return {
        language: {part.value: text for part, text in words.items()}
        for language, words in texts.items()
    }


def _draft_row(session: Session, row: TemplateRow) -> TemplateVersionRow | None:
    return session.scalar(
        select(TemplateVersionRow)
        .where(
            TemplateVersionRow.template_id == row.id,
            TemplateVersionRow.state == VersionState.DRAFT,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _get_draft(session: Session, row: TemplateRow) -> TemplateVersionRow:
    draft = _draft_row(session, row)
    if draft is None:
        message = "There is no draft: begin a new version first."
        raise DraftNotFound(message)
    return draft


def _add_draft(
    session: Session, row: TemplateRow, texts: StoredTexts, *, actor: str, now: datetime
) -> Version:
    last = session.scalar(
        select(func.max(TemplateVersionRow.number)).where(
            TemplateVersionRow.template_id == row.id
        )
    )
    draft = TemplateVersionRow(
        template_id=row.id,
        number=(last or 0) + 1,
        state=VersionState.DRAFT,
        texts=texts,
        created_at=now,
        created_by=actor,
        changed_at=now,
    )
    session.add(draft)
    session.flush()
    return to_version(row, draft)


def _note(
    session: Session, version: Version, action: str, *, actor: str, now: datetime
) -> None:
    audit.record(
        session,
        now=now,
        actor=actor,
        action=action,
        subject=f"template:{version.template}",
        after={"version": version.number, "languages": sorted(version.texts)},
    )
