"""Reading templates and their versions."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from loyalty.core.errors import NotFound
from loyalty.templates.models import StoredTexts, TemplateRow, TemplateVersionRow
from loyalty.templates.values import (
    Part,
    Template,
    TemplateID,
    TemplatePurpose,
    Texts,
    Version,
    parse_own,
)


class TemplateNotFound(NotFound):
    """There is no such template, or no such version of it."""

    code = "template_not_found"


def list_templates(
    session: Session, *, purposes: Collection[TemplatePurpose] = ()
) -> tuple[Template, ...]:
    """Return the templates by name, each with its versions; empty means any purpose."""
    rows = select(TemplateRow).order_by(TemplateRow.name, TemplateRow.id)
    if purposes:
        rows = rows.where(TemplateRow.purpose.in_(purposes))
    return _with_versions(session, session.scalars(rows).all())


def get_template(session: Session, *, code: str) -> Template:
    """
    Return one template with its versions, the newest first.

    :raises TemplateNotFound: if there is none
    """
    return _with_versions(session, [get_template_row(session, code=code)])[0]


def get_version(session: Session, *, code: str, number: int) -> Version:
    """
    Return one version.

    :raises TemplateNotFound: if there is none
    """
    found = get_template(session, code=code)
    for version in found.versions:
        if version.number == number:
            return version
    message = f"The template {code!r} has no version {number}."
    raise TemplateNotFound(message)


def versions_by_name(session: Session, *, names: Collection[str]) -> dict[str, Version]:
    """
    Return the versions that messages name as ``own:<code>@<version>``.

    Names of built-in templates, and of what does not exist, are left out.
    """
    wanted = {parsed for name in names if (parsed := parse_own(name)) is not None}
    if not wanted:
        return {}
    rows = session.execute(
        select(TemplateRow, TemplateVersionRow)
        .join(TemplateVersionRow, TemplateVersionRow.template_id == TemplateRow.id)
        .where(tuple_(TemplateRow.code, TemplateVersionRow.number).in_(wanted))
    )
    versions = [to_version(template, row) for template, row in rows]
    return {version.name: version for version in versions}


def get_template_row(session: Session, *, code: str) -> TemplateRow:
    """
    Return a template's row, for services.

    :raises TemplateNotFound: if there is none
    """
    row = session.scalar(select(TemplateRow).where(TemplateRow.code == code))
    if row is None:
        message = f"There is no template {code!r}."
        raise TemplateNotFound(message)
    return row


def to_version(template: TemplateRow, row: TemplateVersionRow) -> Version:
    """Turn rows into what the rest of the service sees."""
    return Version(
        template=template.code,
        purpose=template.purpose,
        number=row.number,
        state=row.state,
        texts=_texts(row.texts),
        created_at=row.created_at,
        created_by=row.created_by,
        changed_at=row.changed_at,
        published_at=row.published_at,
        published_by=row.published_by,
        withdrawn_at=row.withdrawn_at,
        may_undo=row.before is not None,
    )


def _texts(stored: StoredTexts) -> Texts:
    known = set(Part)
    return {
        language: {Part(part): text for part, text in words.items() if part in known}
        for language, words in stored.items()
    }


def _with_versions(
    session: Session, rows: Sequence[TemplateRow]
) -> tuple[Template, ...]:
    by_template: defaultdict[TemplateID, list[TemplateVersionRow]] = defaultdict(list)
    versions = (
        select(TemplateVersionRow)
        .where(TemplateVersionRow.template_id.in_([row.id for row in rows]))
        .order_by(TemplateVersionRow.number.desc())
        .execution_options(populate_existing=True)
    )
    for version in session.scalars(versions):
        by_template[version.template_id].append(version)
    return tuple(
        Template(
            id=row.id,
            code=row.code,
            name=row.name,
            purpose=row.purpose,
            created_at=row.created_at,
            versions=tuple(to_version(row, one) for one in by_template[row.id]),
        )
        for row in rows
    )
