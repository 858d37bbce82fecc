"""What every channel promises, each against a real peer on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.channels import CHANNELS
from jobs.channels.base import (
    ChannelError,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
    Unknown,
)
from loyalty.customers.values import CHANNEL_CONTACT, Channel
from tests.integration.channels.situations import KEY, SITUATIONS, Situation, message

REMOTE = [
    Channel.EMAIL,
    Channel.SMS,
    Channel.PUSH,
    Channel.TELEGRAM,
    Channel.WEBHOOK,
]
"""Behind which another server stands."""


@pytest.fixture(params=CHANNELS)
def name(request: pytest.FixtureRequest) -> Channel:
    """Give each channel of the table."""
    found: Channel = request.param
    return found


@pytest.fixture
def given(name: Channel, tmp_path: Path) -> Iterator[Situation]:
    with SITUATIONS[name](tmp_path) as situation:
        yield situation


def send(given: Situation, **changes: object) -> Receipt | None:
    with given.channel.open() as sender:
        return sender.send(message(**{"address": given.good, **changes}))


def failure(given: Situation, **changes: object) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        send(given, **changes)
    return caught.value


def has_no_address_in_it(problem: ChannelError, address: str | None) -> bool:
    text = f"{problem} {problem!r}"
    return address is None or all(line not in text for line in address.split("\n"))


class TestEveryChannel:
    def test_has_a_situation_here(self) -> None:
        assert set(SITUATIONS) == set(CHANNELS) == set(Channel)

    def test_accepts_a_message(self, given: Situation) -> None:
        receipt = send(given)

        assert receipt is None or isinstance(receipt, Receipt)
        if receipt is not None:
            assert receipt.parts == 1
            assert receipt.cost >= 0

    def test_needs_an_address_where_it_says_so(
        self, given: Situation, name: Channel
    ) -> None:
        assert (given.good is None) == (CHANNEL_CONTACT[name] is None)
        if given.good is not None:
            problem = failure(given, address=None)
            assert isinstance(problem, PermanentFailure)
            assert not problem.bad_address
            assert given.taken() == 0

    def test_can_be_told_to_come_back_later(
        self, given: Situation, name: Channel
    ) -> None:
        if given.later is None:
            assert name in (Channel.INBOX, Channel.TILL)
            return
        with given.channel.open() as sender:
            seconds = given.later()
            with pytest.raises(TemporaryFailure) as caught:
                sender.send(message(address=given.good))

        assert caught.value.retry_after == seconds
        assert has_no_address_in_it(caught.value, given.good)

    def test_can_be_told_never_to_send_that(
        self, given: Situation, name: Channel
    ) -> None:
        if given.never is None:
            assert name in (Channel.INBOX, Channel.TILL, Channel.LETTER)
            return
        given.never()

        problem = failure(given)

        assert isinstance(problem, PermanentFailure)
        assert not problem.bad_address
        assert has_no_address_in_it(problem, given.good)

    def test_blames_an_address_that_is_dead(self, given: Situation) -> None:
        for address in (given.dead or {}).values():
            problem = failure(given, address=address)

            assert isinstance(problem, PermanentFailure)
            assert problem.bad_address
            assert has_no_address_in_it(problem, address)
            assert given.taken() == 0

    def test_does_not_know_when_the_line_breaks_after_the_hand_over(
        self, given: Situation, name: Channel
    ) -> None:
        if given.hang_up is None:
            assert name not in REMOTE
            return
        given.hang_up()

        problem = failure(given)

        assert type(problem) is Unknown
        assert given.taken() == 1
        assert has_no_address_in_it(problem, given.good)

    def test_says_at_once_when_nobody_is_there(
        self, given: Situation, name: Channel
    ) -> None:
        if given.broken is None:
            # Each browser has a server of its own: only a message says which.
            assert name in (Channel.INBOX, Channel.TILL, Channel.PUSH)
            return
        opened = False
        with pytest.raises(TemporaryFailure) as caught, given.broken().open():
            opened = True

        assert not opened
        assert has_no_address_in_it(caught.value, given.good)

    def test_gives_the_key_along(self, given: Situation) -> None:
        send(given)

        if given.keys is not None:
            assert given.keys() == [KEY]

    def test_does_no_harm_with_the_same_key_twice(self, given: Situation) -> None:
        send(given)
        send(given)

        if given.knows_keys:
            assert given.taken() == 1

    def test_refuses_what_is_too_long(self, given: Situation, name: Channel) -> None:
        if given.oversize is None:
            assert name in (Channel.EMAIL, Channel.INBOX)
            return
        problem = failure(given, **given.oversize)

        assert isinstance(problem, PermanentFailure)
        assert not problem.bad_address
        assert given.taken() == 0

    def test_refuses_what_would_be_read_as_something_else(
        self, given: Situation
    ) -> None:
        if given.injected is not None:
            problem = failure(given, **given.injected)

            assert isinstance(problem, PermanentFailure)
            assert given.taken() == 0

    def test_goes_on_after_a_failure(self, given: Situation) -> None:
        with given.channel.open() as sender:
            for address in (given.dead or {}).values():
                with pytest.raises(PermanentFailure):
                    sender.send(message(address=address))
            sender.send(message(address=given.good))

        assert given.keys is None or given.keys().count(KEY) >= 1
