"""Which words a reader gets, and what is missing."""

import pytest

from loyalty.core.texts import LANGUAGES, use_language
from loyalty.templates.render import flaw_sentence, starting_words
from loyalty.templates.rules import (
    check_texts,
    chosen_language,
    gaps,
    missing_languages,
    tidy,
)
from loyalty.templates.values import (
    NEEDED,
    Flaw,
    FlawKind,
    Part,
    TemplatePurpose,
    own_name,
    parse_own,
)

FULL = dict.fromkeys(NEEDED, "x")


class TestTheLanguage:
    @pytest.mark.parametrize(
        ("there", "wanted", "chosen"),
        [
            (["en", "pl"], "pl", "pl"),
            (["en", "pl"], "fa", "en"),
            (["sl", "pl"], "fa", "pl"),
            (["ru"], "fa", "ru"),
            ([], "fa", "fa"),
        ],
    )
    def test_is_the_readers_or_the_next_best(
        self, there: list[str], wanted: str, chosen: str
    ) -> None:
        texts = dict.fromkeys(there, FULL)
        languages = ("pl", "ru", "sl")
        assert chosen_language(texts, wanted, languages=languages) == chosen

    def test_does_not_count_when_half_written(self) -> None:
        texts = {"en": FULL, "pl": {Part.SUBJECT: "x"}}
        assert chosen_language(texts, "pl") == "en"
        assert missing_languages(texts, ("en", "pl", "fa")) == ("pl", "fa")
        assert [(one.language, one.part) for one in gaps(texts, ("en", "pl"))] == [
            ("pl", Part.BODY),
            ("pl", Part.BRIEF),
        ]


class TestWords:
    def test_are_kept_without_what_is_empty(self) -> None:
        texts = {"en": {Part.SUBJECT: " a ", Part.BODY: "b\r\n\r\nc"}, "pl": {}}
        assert tidy(texts) == {"en": {Part.SUBJECT: "a", Part.BODY: "b\n\nc"}}

    @pytest.mark.parametrize("purpose", TemplatePurpose)
    def test_to_begin_with_are_right_and_complete(
        self, purpose: TemplatePurpose
    ) -> None:
        texts = {one: starting_words(purpose, one) for one in LANGUAGES}
        assert check_texts(texts, purpose) == ()
        assert gaps(texts, LANGUAGES) == ()


class TestNames:
    @pytest.mark.parametrize(
        "name",
        ["offer", "own:spring", "own:spring@0", "own:a--b@1", "own:a@1 ", "own:../a@1"],
    )
    def test_that_are_none(self, name: str) -> None:
        assert parse_own(name) is None

    def test_are_read_as_written(self) -> None:
        assert parse_own(own_name("spring-1", 12)) == ("spring-1", 12)


class TestSentences:
    def test_name_the_place_and_the_way_out(self) -> None:
        flaw = Flaw(
            kind=FlawKind.WORD,
            language="pl",
            part=Part.BODY,
            line=3,
            found="nam",
            meant="first_name",
        )
        assert flaw_sentence(flaw) == (
            "Polish, Text of the mail, line 3: There is no word {{ nam }}. "
            "Did you mean {{ first_name }}?"
        )

    @pytest.mark.parametrize("kind", FlawKind)
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_are_there_for_all_flaws(self, kind: FlawKind, language: str) -> None:
        with use_language(language):
            assert flaw_sentence(Flaw(kind=kind, language="en", part=Part.BODY))
