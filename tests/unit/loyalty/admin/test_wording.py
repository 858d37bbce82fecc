"""What the recommender's figures are called."""

from dataclasses import replace
from datetime import timedelta

import pytest

from loyalty.admin.recommendations.formats import how_long, iso_date
from loyalty.admin.recommendations.models import state_name
from loyalty.admin.recommendations.report import Gain
from loyalty.admin.recommendations.runs import kind_name
from loyalty.admin.recommendations.sentences import gain_sentence, verdict_sentences
from loyalty.admin.recommendations.wording import (
    aim_name,
    chance,
    explained,
    parts_of,
)
from loyalty.core.texts import use_language
from loyalty.offers.values import Aim, NothingBecause
from loyalty.recommendations.values import ModelState, RunKind

GAIN = Gain(
    segment="all",
    baseline="own frequency",
    share=0.025,
    low=0.019,
    high=0.031,
    outcome="better",
    households=1894,
)


class TestChance:
    @pytest.mark.parametrize(
        ("probability", "words"),
        [
            (0.97, "almost certain (97%)"),
            (0.92, "about 9 in 10 (92%)"),
            (0.6, "about 6 in 10 (60%)"),
            (0.5, "about 1 in 2 (50%)"),
            (0.24, "about 1 in 4 (24%)"),
            (0.004, "about 1 in 250 (0.4%)"),
            (0.0001, "hardly any chance"),
            (0.0, "hardly any chance"),
        ],
    )
    def test_is_said_as_people_say_it(self, probability: float, words: str) -> None:
        assert chance(probability) == words

    def test_is_written_in_the_readers_digits(self) -> None:
        with use_language("fa"):
            assert "۹۲٪" in chance(0.92)


class TestParts:
    def test_begin_with_the_base_and_leave_trifles_out(self) -> None:
        parts = parts_of({"habit": 0.4, "popular": -2.0, "taste": 0.01, "base": -2.4})

        assert [(part.label, part.words) for part in parts] == [
            ("An ordinary offer", "where all begin"),
            ("How much everybody buys it", "much less likely"),
            ("How often they buy it", "a little likelier"),
        ]

    def test_keep_the_name_of_one_that_is_new_here(self) -> None:
        (part,) = parts_of({"weather": 0.7})

        assert (part.label, part.words) == ("weather", "likelier")


class TestGain:
    def test_is_told_with_its_interval(self) -> None:
        assert gain_sentence(GAIN) == (
            "It finds 2.5% more of what customers then buy than going by what they "
            "buy anyway; in 95 of 100 draws between 1.9% and 3.1% more."
        )

    def test_of_a_worse_model_is_told_as_a_loss(self) -> None:
        worse = replace(GAIN, share=-0.03, low=-0.05, high=-0.01, outcome="worse")

        assert gain_sentence(worse).startswith("It finds 3% less of what customers")

    @pytest.mark.parametrize("segment", ["all", "fresh"])
    def test_says_nothing_where_nothing_can_be_said(self, segment: str) -> None:
        unclear = replace(GAIN, segment=segment, low=-0.01, outcome="unclear")

        assert gain_sentence(unclear).startswith("It can't be said whether")
        assert "between −1% and 3.1%" in gain_sentence(unclear)


class TestVerdict:
    def test_tells_each_finding_once(self) -> None:
        own = {"kind": "not_worse", "comparison": {"baseline": "own frequency"}}
        first = {"kind": "first", "comparison": None}

        assert verdict_sentences({"reasons": [own, own, first]}) == [
            "It is no worse than going by what customers buy anyway.",
            "It was the first: there was none to be worse than.",
        ]

    def test_of_nobody_is_silent(self) -> None:
        assert verdict_sentences(None) == []


class TestFormats:
    @pytest.mark.parametrize(
        ("seconds", "words"),
        [(0.2, "0 s"), (59.4, "59 s"), (95, "2 min"), (9e3, "2 h")],
    )
    def test_write_durations(self, seconds: float, words: str) -> None:
        assert how_long(timedelta(seconds=seconds)) == words

    def test_write_days_and_leave_the_rest(self) -> None:
        assert iso_date("2026-11-24") == "24 Nov 2026"
        assert iso_date("long ago") == "long ago"


class TestNames:
    def test_are_there_for_everything_that_can_happen(self) -> None:
        for kind in RunKind:
            assert kind_name(kind)
        for state in ModelState:
            assert state_name(state)
        for aim in Aim:
            assert aim_name(aim)

    def test_of_causes_come_with_what_one_can_do(self) -> None:
        causes = explained(dict.fromkeys(NothingBecause, 1))

        assert {one.cause for one in causes} == set(NothingBecause)
        assert all(one.why and one.advice for one in causes)
