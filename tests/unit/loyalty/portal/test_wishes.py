from datetime import UTC, datetime

import pytest
from werkzeug.datastructures import MultiDict

from loyalty.customers.values import (
    Channel,
    CustomerID,
    CustomerStatus,
    Preferences,
    Profile,
)
from loyalty.portal.wishes import channel_lines, from_form, moved, standing

ORDER = (Channel.EMAIL, Channel.INBOX, Channel.SMS)


class TestMovingAChannel:
    @pytest.mark.parametrize(
        ("arrow", "expected"),
        [
            ("up:inbox", (Channel.INBOX, Channel.EMAIL, Channel.SMS)),
            ("down:inbox", (Channel.EMAIL, Channel.SMS, Channel.INBOX)),
            ("up:email", ORDER),
            ("down:sms", ORDER),
            ("up:pigeon", ORDER),
            ("", ORDER),
        ],
    )
    def test_changes_places_with_its_neighbour(
        self, arrow: str, expected: tuple[Channel, ...]
    ) -> None:
        assert moved(ORDER, arrow) == expected


NOW = datetime(2026, 11, 25, tzinfo=UTC)
PROVIDERS = frozenset({Channel.EMAIL, Channel.INBOX})
ANNA = Profile(
    id=CustomerID(1),
    status=CustomerStatus.ACTIVE,
    language="en",
    time_zone="Europe/Warsaw",
    enrolled_at=datetime(2026, 11, 1, tzinfo=UTC),
    preferences=Preferences(channels=(Channel.SMS, Channel.EMAIL)),
    marketing_channels=frozenset({Channel.SMS, Channel.EMAIL}),
)


class TestChannelsWithoutAProvider:
    def test_are_not_shown(self) -> None:
        lines = channel_lines(standing(ANNA, NOW), ANNA, providers=PROVIDERS, now=NOW)

        assert [line.channel for line in lines] == ["email", "inbox"]

    def test_keep_what_was_said_of_them(self) -> None:
        form = MultiDict(
            [("channel", "inbox"), ("channel", "email"), ("offers", "inbox")]
        )

        wishes = from_form(form, ANNA, providers=PROVIDERS)

        assert wishes.channels == (Channel.INBOX, Channel.EMAIL, Channel.SMS)
        assert wishes.marketing == {Channel.INBOX, Channel.SMS}

    def test_can_not_be_chosen(self) -> None:
        form = MultiDict([("channel", "letter"), ("offers", "letter")])

        wishes = from_form(form, ANNA, providers=PROVIDERS)

        assert wishes.channels == (Channel.SMS,)
        assert wishes.marketing == {Channel.SMS}
