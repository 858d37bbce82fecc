"""How coupon codes are written and read."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.codes import ALPHABET, random_text
from loyalty.promotions.render.messages import missed_message
from loyalty.promotions.rules.codes import (
    LEAST_MARKS,
    NotAPattern,
    NotAWord,
    Pattern,
    looks_mistyped,
    masked,
    normal_code,
    print_codes,
    read_pattern,
    read_word,
    usual_pattern,
)
from loyalty.promotions.values import Missed, MissedReason

EVERYTHING = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

prefixes = st.text(EVERYTHING, max_size=12)


@st.composite
def printed(draw: st.DrawFn) -> tuple[Pattern, str]:
    """Draw a pattern and a code of it."""
    prefix = draw(prefixes)
    marks = draw(st.integers(LEAST_MARKS, 18))
    pattern = read_pattern(usual_pattern(marks, f"{prefix}-" if prefix else ""))
    drawn = draw(st.text(ALPHABET, min_size=marks - 1, max_size=marks - 1))
    return pattern, print_codes(pattern, drawn)[0]


class TestAPattern:
    @pytest.mark.parametrize(
        ("text", "prefix", "count"),
        [
            ("SPRING-####-####-####-##", "SPRING-", 14),
            (" spring-####-####-####-#### ", "SPRING-", 16),
            ("################", "", 16),
            ("A1-B2##############", "A1-B2", 14),
        ],
    )
    def test_has_a_prefix_and_marks(self, text: str, prefix: str, count: int) -> None:
        pattern = read_pattern(text)

        assert (pattern.prefix, pattern.count) == (prefix, count)
        assert str(pattern) == text.strip().upper()

    def test_that_could_be_guessed_is_refused_with_the_least_that_would_do(
        self,
    ) -> None:
        with pytest.raises(NotAPattern) as refusal:
            read_pattern("SPRING-####-####")

        assert str(refusal.value) == (
            "8 random characters can be guessed: at least 14 are needed (64 random "
            "bits and a check character), such as SPRING-####-####-####-##."
        )
        assert read_pattern("SPRING-####-####-####-##").count == 14

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "SPRING",
            "##-SPRING-############",
            "Ä#################",
            "-" * 3,
            "#" * 65,
        ],
    )
    def test_of_another_form_is_refused(self, text: str) -> None:
        with pytest.raises(NotAPattern, match="such as SPRING-####-####-####-####"):
            read_pattern(text)

    def test_too_long_for_its_check_is_refused(self) -> None:
        with pytest.raises(NotAPattern, match="at most 30 letters and digits"):
            read_pattern("A" * 17 + "#" * 14)


class TestPrintedCodes:
    def test_hold_at_least_64_random_bits(self) -> None:
        assert (LEAST_MARKS - 1) * math.log2(len(ALPHABET)) >= 64

    def test_are_all_different(self) -> None:
        pattern = read_pattern(usual_pattern(LEAST_MARKS))
        drawn = random_text(13 * 20_000)

        assert len(set(print_codes(pattern, drawn))) == 20_000

    def test_hold_nothing_but_what_was_drawn_and_the_check(self) -> None:
        pattern = read_pattern("SALE-####-####-####-##")

        codes = print_codes(pattern, "2345678923456" + "ABCDEFGHJKMNP")

        assert [code[:-1] for code in codes] == [
            "SALE-2345-6789-2345-6",
            "SALE-ABCD-EFGH-JKMN-P",
        ]

    @given(printed())
    def test_pass_their_own_check_however_they_are_typed(
        self, code: tuple[Pattern, str]
    ) -> None:
        typed = code[1].replace("-", " ").lower()

        assert not looks_mistyped(typed)
        assert normal_code(typed) == normal_code(code[1])

    @given(printed(), st.data())
    def test_show_every_random_character_that_was_mistyped(
        self, code: tuple[Pattern, str], data: st.DataObject
    ) -> None:
        pattern, text = code[0], normal_code(code[1])
        place = data.draw(st.integers(len(text) - pattern.count, len(text) - 1))
        # A prefix may hold 0 and O, so they are told from other letters only where
        # no prefix can reach.
        letters = EVERYTHING if place >= len(text) - LEAST_MARKS else ALPHABET
        other = data.draw(st.sampled_from(letters.replace(text[place], "")))

        assert looks_mistyped(text[:place] + other + text[place + 1 :])

    @given(printed(), st.data())
    def test_show_every_two_random_characters_that_were_swapped(
        self, code: tuple[Pattern, str], data: st.DataObject
    ) -> None:
        pattern, text = code[0], normal_code(code[1])
        first = data.draw(st.integers(len(text) - pattern.count, len(text) - 2))
        swapped = [*text]
        swapped[first : first + 2] = text[first + 1], text[first]
        if "".join(swapped) == text:
            return

        assert looks_mistyped("".join(swapped))


class TestReadingACode:
    @pytest.mark.parametrize(
        ("typed", "read"),
        [
            (" spring ", "SPRING"),
            ("Spring\u201310", "SPRING10"),
            ("\uff53pring", "SPRING"),
            ("\u0628\u0647-\u06f2\u06f0", "\u0628\u064720"),
            ("--- ", ""),
        ],
    )
    def test_heeds_letters_and_digits_alone(self, typed: str, read: str) -> None:
        assert normal_code(typed) == read

    @pytest.mark.parametrize("text", ["", "a-b", "…", "A" * 41])
    def test_refuses_words_that_nobody_would_type(self, text: str) -> None:
        with pytest.raises(NotAWord):
            read_word(text)

    @pytest.mark.parametrize("text", ["SPRING", "A" * 31, ""])
    def test_of_another_length_tells_no_typing_mistake(self, text: str) -> None:
        assert not looks_mistyped(text)

    def test_masks_what_is_secret(self) -> None:
        assert masked("SPRING") == "SPRING"
        assert masked("7KQ2-MX3R-TT5B-KP") == "7KQ2…"


class TestTheMessage:
    def test_asks_to_check_what_was_mistyped(self) -> None:
        pattern = read_pattern(usual_pattern(14))
        right = print_codes(pattern, "2345678923456")[0]
        wrong = f"3{right[1:]}"

        assert [self.unknown(code) for code in (right, wrong, "SPRING")] == [
            f"The code {right} is not known.",
            f"Check the code {wrong}: a letter or digit is wrong.",
            "The code SPRING is not known.",
        ]

    def test_says_when_codes_are_looked_up_again(self) -> None:
        missed = Missed(
            promotion=None,
            reason=MissedReason.CODE_ATTEMPTS,
            code="SPRING",
            retry_after=541,
        )

        assert missed_message(missed, "en") == (
            "Too many wrong codes were tried: try again in 10 minutes."
        )

    def unknown(self, code: str) -> str:
        missed = Missed(promotion=None, reason=MissedReason.CODE_UNKNOWN, code=code)
        return missed_message(missed, "en")
