"""Changing templates; none commits."""

from loyalty.templates.service.publishing import publish, put_back, withdraw
from loyalty.templates.service.writing import (
    TemplateExists,
    WordsRefused,
    create_template,
    discard_draft,
    save_draft,
    start_draft,
    undo_draft,
)

__all__ = [
    "TemplateExists",
    "WordsRefused",
    "create_template",
    "discard_draft",
    "publish",
    "put_back",
    "save_draft",
    "start_draft",
    "undo_draft",
    "withdraw",
]
