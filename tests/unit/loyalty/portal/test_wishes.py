import pytest

from loyalty.customers.values import Channel
from loyalty.portal.wishes import moved

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
