"""Invented people."""

from collections import Counter
from datetime import UTC, datetime

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.periods import WeeklyWindow
from loyalty.customers.rules import parse_address
from loyalty.customers.service.imports import Newcomer
from loyalty.customers.values import Channel, ContactKind, Purpose
from loyalty.demo.people import (
    Habits,
    fictional_phone,
    invent_newcomer,
    preferred_windows,
    segments_of,
)
from loyalty.demo.values import Household
from loyalty.stores.values import StoreID

MONDAY_17 = datetime(2026, 11, 23, 17, 20)  # noqa: DTZ001  # what the clock showed
HABITS = Habits(
    first_visit=datetime(2026, 1, 5, 10, tzinfo=UTC),
    visits=[MONDAY_17],
    favourites=("grocery/coffee",),
    home_store=StoreID(3),
)


def invent(number: int) -> Newcomer:
    return invent_newcomer(
        Household(number),
        number=number,
        habits=HABITS,
        demographics={"age": "45-54"},
        time_zone="Europe/Warsaw",
    )


class TestInventNewcomer:
    def test_invents_the_same_person_each_time(self) -> None:
        assert invent(12) == invent(12)

    def test_speaks_the_five_languages_in_their_shares(self) -> None:
        spoken = Counter(invent(n).person.language for n in range(2000))

        expected = {"en": 1200, "pl": 300, "ru": 200, "sl": 100, "fa": 200}
        assert spoken.keys() == expected.keys()
        for language, count in expected.items():
            assert spoken[language] == pytest.approx(count, abs=0.25 * count)

    def test_has_addresses_that_the_till_would_take(self) -> None:
        for number in (0, 999, 1000, 2468):
            for address in invent(number).addresses:
                assert parse_address(address.value, region="PL") == address

    def test_agrees_to_mail_and_inbox_together_or_to_neither(self) -> None:
        for number in range(200):
            agreed = {
                consent.channel
                for consent in invent(number).consents
                if consent.purpose is Purpose.MARKETING
            }
            assert agreed in (set(), {Channel.EMAIL, Channel.INBOX})

    def test_is_as_old_as_the_household_said(self) -> None:
        born = [invent(number).person.birthday for number in range(200)]

        years = {day.year for day in born if day is not None}
        assert 0 < born.count(None) < 200
        assert years <= set(range(2026 - 54, 2026 - 44))


class TestFictionalPhone:
    def test_gives_everybody_a_number_of_their_own(self) -> None:
        numbers = {fictional_phone(number) for number in range(2469)}

        assert len(numbers) == 2469
        assert fictional_phone(7) == "+447700900007"
        assert fictional_phone(1000) == "+12125550100"
        for number in numbers:
            assert phonenumbers.is_possible_number(phonenumbers.parse(number))


class TestPreferredWindows:
    def test_ends_when_the_usual_visit_begins(self) -> None:
        assert preferred_windows([MONDAY_17]) == (
            WeeklyWindow(days=frozenset({0}), start=14 * 60, until=17 * 60),
        )

    def test_is_not_known_without_visits(self) -> None:
        assert preferred_windows([]) == ()

    @given(
        visits=st.lists(
            st.datetimes(datetime(2025, 1, 1), datetime(2026, 1, 1)),  # noqa: DTZ001
            min_size=1,
        )
    )
    def test_lies_in_the_day_on_days_of_visits(self, visits: list[datetime]) -> None:
        (window,) = preferred_windows(visits)

        assert 8 * 60 <= window.start < window.until <= 21 * 60
        assert window.until - window.start in (120, 180)
        assert window.days <= {visit.weekday() for visit in visits}
        assert 1 <= len(window.days) <= 2


class TestSegmentsOf:
    def test_names_what_is_known(self) -> None:
        said = {"age": "65+", "income": "50-74K", "household_size": "5+"}

        assert segments_of(said) == (
            "age-65-plus",
            "income-50-74k",
            "household-5-plus",
        )
        assert segments_of({}) == ()


class TestContacts:
    def test_are_a_mail_address_and_a_phone_number(self) -> None:
        kinds = [address.kind for address in invent(5).addresses]

        assert kinds == [ContactKind.EMAIL, ContactKind.PHONE]
