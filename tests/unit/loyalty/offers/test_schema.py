"""Documents of campaigns: read as they are written, refused field by field."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.errors import Invalid
from loyalty.offers.schema import (
    dump_audience,
    dump_trigger,
    dump_variants,
    load_audience,
    load_trigger,
    load_variants,
)
from loyalty.offers.values import (
    AtStore,
    Audience,
    BirthdayIn,
    BoughtFrom,
    Condition,
    EnrolledSince,
    EventKind,
    HasPoints,
    InSegment,
    InterestedIn,
    InTier,
    LastPurchase,
    Monthly,
    Once,
    OnEvent,
    Speaks,
    Trigger,
    Variant,
    Weekly,
    When,
)

words = st.lists(
    st.sampled_from(["a", "b", "c/d", "e"]), min_size=1, max_size=3, unique=True
).map(tuple)
days = st.one_of(
    st.builds(When, day=st.dates(date(2000, 1, 1), date(2100, 1, 1))),
    st.builds(When, days_ago=st.integers(0, 3650)),
)
conditions: st.SearchStrategy[Condition] = st.one_of(
    st.builds(InSegment, words),
    st.builds(AtStore, words),
    st.builds(Speaks, words),
    st.builds(InTier, words),
    st.builds(HasPoints, at_least=st.integers(0, 100), at_most=st.none()),
    st.builds(HasPoints, at_least=st.integers(0, 9), at_most=st.integers(9, 99)),
    st.builds(EnrolledSince, days),
    st.builds(LastPurchase, before=days, after=st.none() | days),
    st.builds(BoughtFrom, categories=words, days=st.integers(1, 365)),
    st.builds(
        BirthdayIn,
        st.lists(st.integers(1, 12), min_size=1, unique=True).map(tuple),
    ),
    st.builds(InterestedIn, words),
)
several = st.lists(conditions, max_size=3).map(tuple)
audiences = st.builds(Audience, all=several, any=several, none=several)


class TestAnAudience:
    @given(audiences)
    def test_is_read_as_it_was_written(self, audience: Audience) -> None:
        assert load_audience(dump_audience(audience)) == audience

    @pytest.mark.parametrize(
        ("document", "pointer"),
        [
            ({"all": [{"planets": ["mars"]}]}, "/audience/all/0/planets"),
            ({"all": [{"segments": []}]}, "/audience/all/0/segments"),
            ({"any": [{"birthday_months": [13]}]}, "/audience/any/0/birthday_months/0"),
            ({"none": [{"points": {}}]}, "/audience/none/0/points"),
            (
                {"all": [{"points": {"at_least": 9, "at_most": 3}}]},
                "/audience/all/0/points/at_most",
            ),
            ({"all": [{"enrolled_since": "soon"}]}, "/audience/all/0/enrolled_since"),
            ({"all": [{"bought": {"days": 3}}]}, "/audience/all/0/bought/categories"),
            ({"some": []}, "/audience/some"),
            ({"all": [{"languages": ["en"]}] * 21}, "/audience/all"),
        ],
    )
    def test_is_refused_at_the_field_at_fault(
        self, document: dict[str, Any], pointer: str
    ) -> None:
        with pytest.raises(Invalid) as error:
            load_audience(document)

        assert pointer in [problem.pointer for problem in error.value.problems]


class TestATrigger:
    @pytest.mark.parametrize(
        "trigger",
        [
            Once(),
            Weekly(days=(0, 4), minute=9 * 60),
            Monthly(days=(1, 31), minute=23 * 60 + 59),
            OnEvent(event=EventKind.BIRTHDAY, days=7),
            OnEvent(event=EventKind.FIRST_PURCHASE),
            OnEvent(event=EventKind.LAPSED, days=60),
            OnEvent(event=EventKind.POINTS_EXPIRING, days=14),
        ],
    )
    def test_is_read_as_it_was_written(self, trigger: Trigger) -> None:
        assert load_trigger(dump_trigger(trigger)) == trigger

    @pytest.mark.parametrize(
        "document",
        [
            {},
            {"once": {}, "birthday": 3},
            {"weekly": {"days": [], "at": "09:00"}},
            {"weekly": {"days": ["mon"], "at": "24:00"}},
            {"monthly": {"days": [32], "at": "09:00"}},
            {"lapsed": 0},
            {"birthday": 61},
        ],
    )
    def test_is_refused_if_it_would_never_happen(
        self, document: dict[str, Any]
    ) -> None:
        with pytest.raises(Invalid):
            load_trigger(document)


class TestVariants:
    def test_are_read_as_they_were_written(self) -> None:
        variants = (
            Variant(code="a", share=50),
            Variant(code="b", share=30, template="own:winter@2"),
            Variant(code="c", share=20, hour=18),
        )
        assert load_variants(dump_variants(variants)) == variants
        assert load_variants([]) == ()

    @pytest.mark.parametrize(
        ("second", "says"),
        [
            (None, "2 to 4"),
            ({"code": "a", "share": 50, "hour": 9}, "code"),
            ({"code": "b", "share": 50}, "the same"),
            ({"code": "b", "share": 9, "hour": 9}, "100"),
            ({"code": "b", "share": 50, "hour": 24}, "23"),
            ({"code": "b", "share": 50, "template": "{{ x }}"}, "own:"),
        ],
    )
    def test_must_differ_and_come_to_a_whole(
        self, second: dict[str, Any] | None, says: str
    ) -> None:
        first = {"code": "a", "share": 50}
        with pytest.raises(Invalid) as error:
            load_variants([first, second] if second else [first])

        assert says in str(error.value)
