"""Planning one message: channel, moment, reasons."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from loyalty.core.periods import WeeklyWindow
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.rules.planning import plan
from loyalty.delivery.values import (
    DeliveryPolicy,
    MessageKind,
    NewMessage,
    Plan,
    Reason,
    Recipient,
    Refusal,
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""A Tuesday, ten o'clock in Berlin."""

POLICY = DeliveryPolicy()
OFFER = NewMessage(
    customer_id=CustomerID(1),
    kind=MessageKind.MARKETING,
    template="offer",
    subject="offer:12",
)
SERVICE = replace(OFFER, kind=MessageKind.SERVICE, template="welcome")
ADA = Recipient(
    customer_id=CustomerID(1),
    zone="Europe/Berlin",
    language="en",
    channels=(Channel.EMAIL, Channel.INBOX),
    reachable=frozenset({Channel.EMAIL, Channel.INBOX}),
    consents=frozenset({Channel.EMAIL}),
)
EVERY_DAY = frozenset(range(7))


def window(day: int, start: int, until: int) -> WeeklyWindow:
    return WeeklyWindow(days=frozenset({day}), start=start * 60, until=until * 60)


def planned(
    customer: Recipient = ADA,
    message: NewMessage = OFFER,
    policy: DeliveryPolicy = POLICY,
    now: datetime = NOW,
) -> Plan:
    outcome = plan(message, customer, policy, now)
    assert isinstance(outcome, Plan)
    return outcome


def refused(
    customer: Recipient = ADA,
    message: NewMessage = OFFER,
    policy: DeliveryPolicy = POLICY,
    now: datetime = NOW,
) -> Refusal:
    outcome = plan(message, customer, policy, now)
    assert isinstance(outcome, Refusal)
    return outcome


class TestChannel:
    def test_is_the_first_permitted_in_the_customers_order(self) -> None:
        order = (Channel.SMS, Channel.INBOX, Channel.EMAIL)
        outcome = planned(replace(ADA, channels=order))

        assert outcome.channel is Channel.INBOX
        assert outcome.why["skipped"] == [{"channel": "sms", "why": "no_provider"}]

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"consents": frozenset({Channel.SMS})}, "no_consent"),
            ({"reachable": frozenset({Channel.INBOX})}, "no_address"),
        ],
    )
    def test_is_the_inbox_when_mail_is_not_possible(
        self, change: dict[str, frozenset[Channel]], why: str
    ) -> None:
        outcome = planned(replace(ADA, **change))  # type: ignore[arg-type]  # by name

        assert outcome.channel is Channel.INBOX
        assert outcome.why["skipped"] == [{"channel": "email", "why": why}]

    def test_is_none_without_any_consent(self) -> None:
        assert refused(replace(ADA, consents=frozenset())).reason is Reason.NO_CONSENT

    def test_is_none_for_somebody_erased(self) -> None:
        erased = replace(ADA, erased=True)

        assert refused(erased).reason is Reason.CUSTOMER_ERASED
        assert refused(erased, SERVICE).reason is Reason.CUSTOMER_ERASED

    def test_of_a_service_message_needs_no_consent_and_no_proof(self) -> None:
        fresh = replace(
            ADA,
            consents=frozenset(),
            reachable=frozenset({Channel.INBOX}),
            unverified=frozenset({Channel.EMAIL}),
        )

        assert planned(fresh, SERVICE).channel is Channel.EMAIL
        assert planned(replace(fresh, unverified=frozenset()), SERVICE).channel is (
            Channel.INBOX
        )


class TestOrder:
    NOBODY_SAID = replace(
        ADA,
        channels=(),
        reachable=frozenset({Channel.EMAIL, Channel.SMS, Channel.INBOX}),
        consents=frozenset({Channel.EMAIL, Channel.SMS}),
    )
    BOTH = replace(
        POLICY, providers=frozenset({Channel.EMAIL, Channel.SMS, Channel.INBOX})
    )
    USUAL = (Channel.PUSH, Channel.SMS, Channel.EMAIL)

    def test_is_the_programmes_where_nothing_is_known(self) -> None:
        outcome = planned(self.NOBODY_SAID, policy=self.BOTH)

        assert (outcome.channel, outcome.why["order"]) == (Channel.EMAIL, "programme")

    def test_is_learned_among_those_that_were_agreed_to(self) -> None:
        learned = replace(self.NOBODY_SAID, usual=self.USUAL)
        outcome = planned(learned, policy=self.BOTH)

        assert (outcome.channel, outcome.why["order"]) == (Channel.SMS, "learned")
        assert outcome.why["skipped"] == []

    def test_is_the_declared_one_whatever_was_learned(self) -> None:
        declared = replace(
            self.NOBODY_SAID, usual=self.USUAL, channels=(Channel.EMAIL, Channel.SMS)
        )
        outcome = planned(declared, policy=self.BOTH)

        assert (outcome.channel, outcome.why["order"]) == (Channel.EMAIL, "declared")

    def test_ends_with_the_inbox(self) -> None:
        failed = frozenset({Channel.EMAIL, Channel.SMS})
        outcome = planned(replace(self.NOBODY_SAID, failed=failed), policy=self.BOTH)

        assert outcome.channel is Channel.INBOX

    def test_of_a_service_message_needs_no_consent(self) -> None:
        fresh = replace(
            self.NOBODY_SAID,
            consents=frozenset(),
            reachable=frozenset({Channel.INBOX}),
            unverified=frozenset({Channel.SMS}),
        )

        assert planned(fresh, SERVICE, policy=self.BOTH).channel is Channel.SMS


class TestMoment:
    def test_of_a_service_message_is_now_whatever_the_hour(self) -> None:
        night = NOW.replace(hour=2)

        assert planned(replace(ADA, max_per_week=0), SERVICE, now=night).due_at == night

    def test_lies_in_the_declared_window(self) -> None:
        outcome = planned(replace(ADA, windows=(window(3, 18, 20),)))

        # Thursday, 18 to 20 in Berlin.
        assert datetime(2026, 11, 26, 17, tzinfo=UTC) <= outcome.due_at
        assert outcome.due_at < datetime(2026, 11, 26, 19, tzinfo=UTC)
        assert outcome.why["window"] == "declared"
        assert str(outcome.why["local"]).startswith("2026-11-26T1")

    def test_prefers_declared_hours_to_learned_ones(self) -> None:
        customer = replace(
            ADA, windows=(window(3, 18, 20),), learned=(window(1, 11, 12),)
        )

        assert planned(customer).why["window"] == "declared"
        assert planned(replace(customer, windows=())).why["window"] == "learned"
        assert planned().why["window"] == "programme"

    def test_never_lies_in_quiet_hours(self) -> None:
        customer = replace(ADA, windows=(window(2, 0, 24),))
        outcome = planned(customer)

        assert datetime(2026, 11, 25, 7, tzinfo=UTC) <= outcome.due_at
        assert outcome.due_at < datetime(2026, 11, 25, 9, tzinfo=UTC)

    def test_is_refused_when_the_whole_window_is_quiet(self) -> None:
        customer = replace(ADA, windows=(window(2, 22, 24),))

        assert refused(customer).reason is Reason.NO_MOMENT

    def test_waits_for_the_end_of_a_pause(self) -> None:
        back = NOW + timedelta(days=3)

        assert planned(replace(ADA, pause_until=back)).due_at >= back

    def test_comes_before_the_messages_end(self) -> None:
        end = NOW + timedelta(minutes=7)
        outcome = planned(message=replace(OFFER, not_after=end))

        assert NOW <= outcome.due_at < end

    def test_is_refused_when_the_end_comes_first(self) -> None:
        customer = replace(ADA, windows=(window(3, 18, 20),))
        tomorrow = replace(OFFER, not_after=NOW + timedelta(days=1))

        assert refused(customer, tomorrow).reason is Reason.NO_MOMENT
        assert refused(message=replace(OFFER, not_after=NOW)).reason is Reason.TOO_LATE

    def test_moves_to_the_next_week_when_this_one_is_full(self) -> None:
        customer = replace(ADA, weeks={date(2026, 11, 23): 3})
        outcome = planned(customer)

        assert outcome.why["week"] == "2026-11-30"
        assert outcome.due_at >= datetime(2026, 11, 30, 9, tzinfo=UTC)

    def test_is_refused_when_every_week_before_the_end_is_full(self) -> None:
        customer = replace(ADA, max_per_week=0)

        assert refused(customer).reason is Reason.WEEKLY_CAP

    def test_the_customer_can_lower_the_cap_and_not_raise_it(self) -> None:
        weeks = {date(2026, 11, 23): 3}

        eager = planned(replace(ADA, max_per_week=9, weeks=weeks))
        assert eager.why["week"] == "2026-11-30"

    def test_is_spread_evenly_over_the_first_hours_of_the_window(self) -> None:
        customer = replace(ADA, windows=(window(2, 10, 20),))
        quarters = [0] * 4
        for number in range(2000):
            message = replace(OFFER, customer_id=CustomerID(number))
            minutes = planned(customer, message).due_at - datetime(
                2026, 11, 25, 9, tzinfo=UTC
            )
            quarters[minutes // timedelta(minutes=30)] += 1

        assert sum(quarters) == 2000
        assert all(430 <= count <= 570 for count in quarters)

    def test_is_the_same_for_the_same_message(self) -> None:
        assert planned() == planned()


class TestClockChanges:
    """Berlin: forward on 29 March 2026 at 02:00, back on 25 October at 03:00."""

    NO_QUIET = replace(POLICY, quiet=(), spread=timedelta(0))

    def test_a_window_in_the_gap_begins_after_it(self) -> None:
        customer = replace(
            ADA,
            windows=(WeeklyWindow(days=frozenset({6}), start=150, until=240),),
        )
        saturday = datetime(2026, 3, 28, 12, tzinfo=UTC)
        outcome = planned(customer, policy=self.NO_QUIET, now=saturday)

        assert outcome.due_at == datetime(2026, 3, 29, 1, tzinfo=UTC)
        assert outcome.why["local"] == "2026-03-29T03:00:00"

    def test_a_window_that_the_clocks_skip_is_that_of_the_next_week(self) -> None:
        customer = replace(
            ADA,
            windows=(WeeklyWindow(days=frozenset({6}), start=130, until=170),),
        )
        saturday = datetime(2026, 3, 28, 12, tzinfo=UTC)
        outcome = planned(customer, policy=self.NO_QUIET, now=saturday)

        assert outcome.why["local"] == "2026-04-05T02:10:00"

    def test_an_hour_shown_twice_means_its_first_showing(self) -> None:
        customer = replace(
            ADA,
            windows=(WeeklyWindow(days=frozenset({6}), start=150, until=165),),
        )
        saturday = datetime(2026, 10, 24, 12, tzinfo=UTC)
        outcome = planned(customer, policy=self.NO_QUIET, now=saturday)

        assert outcome.due_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    def test_the_end_of_quiet_hours_is_a_wall_time(self) -> None:
        quiet = (WeeklyWindow(days=EVERY_DAY, start=21 * 60, until=8 * 60),)
        customer = replace(
            ADA, windows=(WeeklyWindow(days=EVERY_DAY, start=0, until=24 * 60),)
        )
        policy = replace(self.NO_QUIET, quiet=quiet)
        for month, day in ((3, 28), (10, 24)):
            night = datetime(2026, month, day, 23, tzinfo=UTC)
            outcome = planned(customer, policy=policy, now=night)

            assert str(outcome.why["local"]).endswith("T08:00:00")
