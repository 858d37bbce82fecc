"""Codes that people copy by hand."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.codes import (
    ALPHABET,
    FEWEST,
    MOST,
    NotACode,
    check_character,
    grouped,
    new_code,
    parse_code,
    random_text,
)

payloads = st.text(ALPHABET, min_size=FEWEST, max_size=MOST)


class TestACode:
    def test_holds_at_least_64_random_bits(self) -> None:
        assert FEWEST * math.log2(31) >= 64

    def test_has_no_letter_that_is_taken_for_another(self) -> None:
        assert not set("01ILO") & set(ALPHABET)
        assert len(set(ALPHABET)) == 31

    def test_differs_from_every_other(self) -> None:
        assert len({new_code(15) for _ in range(1000)}) == 1000

    @pytest.mark.parametrize("length", [FEWEST - 1, MOST + 1])
    def test_of_another_length_is_not_made(self, length: int) -> None:
        with pytest.raises(ValueError, match="random characters"):
            new_code(length)


class TestRandomText:
    def test_is_as_long_as_asked(self) -> None:
        assert [len(random_text(length)) for length in (0, 1, 13, 5000)] == [
            0,
            1,
            13,
            5000,
        ]

    def test_holds_each_character_as_often_as_any_other(self) -> None:
        counts = Counter(random_text(310_000))

        assert set(counts) == set(ALPHABET)
        # Chi-squared with 30 degrees of freedom: above 90 once in 10 million runs.
        assert sum((n - 10_000) ** 2 / 10_000 for n in counts.values()) < 90


class TestReadingACode:
    @given(payloads)
    def test_ignores_case_spaces_and_hyphens(self, payload: str) -> None:
        code = payload + check_character(payload)

        assert parse_code(f" {grouped(code).lower()} ") == code

    def test_takes_persian_digits(self) -> None:
        code = "2345678923456" + check_character("2345678923456")
        persian = code.translate(str.maketrans("23456789", "۲۳۴۵۶۷۸۹"))

        assert parse_code(persian) == code

    @given(payloads, st.data())
    def test_finds_every_mistyped_character(
        self, payload: str, data: st.DataObject
    ) -> None:
        code = payload + check_character(payload)
        place = data.draw(st.integers(0, len(code) - 1))
        other = data.draw(st.sampled_from(ALPHABET.replace(code[place], "")))

        with pytest.raises(NotACode):
            parse_code(code[:place] + other + code[place + 1 :])

    @given(payloads, st.data())
    def test_finds_every_two_swapped(self, payload: str, data: st.DataObject) -> None:
        code = list(payload + check_character(payload))
        first = data.draw(st.integers(0, len(code) - 2))
        second = data.draw(st.integers(first + 1, len(code) - 1))
        swapped = [*code]
        swapped[first], swapped[second] = swapped[second], swapped[first]
        if swapped == code:
            return

        with pytest.raises(NotACode):
            parse_code("".join(swapped))

    @pytest.mark.parametrize(
        "text", ["", "0" * 16, "ABC", "A" * 40, "Ä" * 16, "½" * 16]
    )
    def test_refuses_what_is_no_code(self, text: str) -> None:
        with pytest.raises(NotACode):
            parse_code(text)
