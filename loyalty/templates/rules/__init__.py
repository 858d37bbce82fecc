"""What marketers may write, and how it is filled in: pure functions over words."""

from loyalty.templates.rules.checking import check_text
from loyalty.templates.rules.filling import Figure, Values, fill
from loyalty.templates.rules.languages import chosen_language, missing_languages
from loyalty.templates.rules.texts import check_texts, gaps, tidy

__all__ = [
    "Figure",
    "Values",
    "check_text",
    "check_texts",
    "chosen_language",
    "fill",
    "gaps",
    "missing_languages",
    "tidy",
]
