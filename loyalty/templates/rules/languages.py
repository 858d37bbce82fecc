"""In which language a customer reads a template."""

from collections.abc import Sequence

from loyalty.core.texts import DEFAULT_LANGUAGE
from loyalty.templates.values import NEEDED, Texts


def chosen_language(texts: Texts, wanted: str, *, languages: Sequence[str] = ()) -> str:
    """
    Return the language whose words are used for a customer who reads ``wanted``.

    Their own, else English, else the first that is complete.

    :param languages: the programme's, the first ones first
    """
    complete = [one for one in texts if is_complete(texts, one)]
    for language in (wanted, DEFAULT_LANGUAGE, *languages):
        if language in complete:
            return language
    return complete[0] if complete else wanted


def missing_languages(texts: Texts, languages: Sequence[str]) -> tuple[str, ...]:
    """Return the languages whose readers get another one's words."""
    return tuple(one for one in languages if not is_complete(texts, one))


def is_complete(texts: Texts, language: str) -> bool:
    """Test whether all that a message needs is written in a language."""
    words = texts.get(language, {})
    return all(words.get(part, "").strip() for part in NEEDED)
