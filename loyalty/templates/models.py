"""Tables of marketers' templates."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.templates.values import TemplateID, TemplatePurpose, VersionState

StoredTexts = dict[str, dict[str, str]]
"""Words by language and part."""


class TemplateRow(Base):
    """A template; its words are in its versions."""

    __tablename__ = "template"

    id: Mapped[TemplateID] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    purpose: Mapped[TemplatePurpose]
    created_at: Mapped[datetime]


class TemplateVersionRow(Base):
    """One wording. A trigger refuses to alter the words of a published one."""

    __tablename__ = "template_version"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        CheckConstraint(
            "(state = 'draft') = (published_at is null)", name="published_once"
        ),
        Index(
            "uq_template_version_draft",
            "template_id",
            unique=True,
            postgresql_where=text("state = 'draft'"),
        ),
    )

    template_id: Mapped[TemplateID] = mapped_column(
        ForeignKey("template.id"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[VersionState]
    texts: Mapped[StoredTexts] = mapped_column(JSONB)
    before: Mapped[StoredTexts | None] = mapped_column(JSONB(none_as_null=True))
    """The draft's words before the last change, for undoing it."""

    created_at: Mapped[datetime]
    created_by: Mapped[str]
    changed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
