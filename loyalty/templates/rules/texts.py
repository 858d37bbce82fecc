"""All the words of a version at once."""

from collections.abc import Mapping, Sequence

from loyalty.templates.rules.checking import check_text
from loyalty.templates.rules.languages import is_complete
from loyalty.templates.values import (
    NEEDED,
    Flaw,
    FlawKind,
    Part,
    TemplatePurpose,
    Texts,
)


def tidy(texts: Mapping[str, Mapping[Part, str]]) -> dict[str, dict[Part, str]]:
    """Return the words without spaces around them, and without what is empty."""
    tidied = {}
    for language, words in texts.items():
        kept = {}
        for part in Part:
            text = words.get(part, "").replace("\r\n", "\n").strip()
            if text:
                kept[part] = text
        if kept:
            tidied[language] = kept
    return tidied


def check_texts(texts: Texts, purpose: TemplatePurpose) -> tuple[Flaw, ...]:
    """Return the first flaw of each part in each language."""
    found = (
        check_text(text, purpose=purpose, language=language, part=part)
        for language, words in texts.items()
        for part, text in words.items()
    )
    return tuple(flaw for flaw in found if flaw is not None)


def gaps(texts: Texts, languages: Sequence[str]) -> tuple[Flaw, ...]:
    """
    Return what is missing before words can go to anybody.

    One language must be complete; one that was begun must be finished.
    """
    begun = [one for one in languages if texts.get(one)] or list(languages[:1])
    return tuple(
        Flaw(kind=FlawKind.NEEDED, language=language, part=part)
        for language in begun
        if not is_complete(texts, language)
        for part in NEEDED
        if not texts.get(language, {}).get(part, "").strip()
    )
