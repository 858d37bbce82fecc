"""The catalogues of translated texts are whole."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import loyalty
from loyalty.core.texts import LANGUAGES

TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
HOME = Path(loyalty.__file__).parent
PLACE = re.compile(r"%\((\w+)\)s")
PLURALS = {"pl": 3, "ru": 3, "sl": 4, "fa": 1}


def folder(language: str) -> Path:
    return HOME / "translations" / language / "LC_MESSAGES"


def catalogue(language: str) -> Catalog:
    with (folder(language) / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def texts_in_code() -> set[str | tuple[str, ...]]:
    """Return what the code asks for, as the command that collects texts finds it."""
    with (HOME.parent / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file, filename="babel.cfg")
    return {
        message if isinstance(message, str) else tuple(message)
        for _file, _line, message, _comments, _context in extract_from_dir(
            HOME.parent, methods, options
        )
    }


def translated(language: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Give each message's own texts and its translations."""
    for message in catalogue(language):
        if message.id:
            yield forms(message.id), forms(message.string)


def forms(texts: Message | object) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)  # type: ignore[arg-type]  # Babel gives a text or a sequence of them


def places(text: str) -> set[str]:
    return set(PLACE.findall(text))


@pytest.mark.parametrize("language", TRANSLATED)
class TestCatalogue:
    def test_has_every_text_of_the_code_and_no_other(self, language: str) -> None:
        known = {
            message.id if isinstance(message.id, str) else tuple(message.id)
            for message in catalogue(language)
            if message.id
        }

        assert known == texts_in_code()

    def test_translates_everything_for_sure(self, language: str) -> None:
        unsure = [message.id for message in catalogue(language) if message.fuzzy]
        empty = [ids for ids, strings in translated(language) if not all(strings)]

        assert unsure == []
        assert empty == []

    def test_has_as_many_forms_as_the_language(self, language: str) -> None:
        assert catalogue(language).num_plurals == PLURALS[language]
        wrong = [
            ids
            for ids, strings in translated(language)
            if len(strings) != (1 if len(ids) == 1 else PLURALS[language])
        ]

        assert wrong == []

    def test_fills_the_same_places(self, language: str) -> None:
        wrong = [
            (ids, string)
            for ids, strings in translated(language)
            for string in strings
            if places(string) != places(ids[-1])
        ]

        assert wrong == []

    def test_has_no_percent_sign_that_would_be_read_as_a_place(
        self, language: str
    ) -> None:
        wrong = [
            string
            for ids, strings in translated(language)
            for string in strings
            if places(ids[-1]) and "%" in PLACE.sub("", string).replace("%%", "")
        ]

        assert wrong == []

    def test_is_compiled_as_it_stands(self, language: str) -> None:
        compiled = folder(language) / "messages.mo"
        assert compiled.exists(), "run .ci/install: it compiles the translations"

        with compiled.open("rb") as file:
            read = read_mo(file)

        assert {forms(m.id): forms(m.string) for m in read if m.id} == dict(
            translated(language)
        ), "run .ci/install: it compiles the translations"
