"""Last checks, retries, crashes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.rules.sending import (
    WAITS,
    Due,
    OfferStanding,
    check,
    next_try,
    state_after,
    state_after_crash,
)
from loyalty.delivery.values import (
    DeliveryPolicy,
    MessageKind,
    MessageState,
    Reason,
    Recipient,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NIGHT = NOON.replace(hour=23)
POLICY = DeliveryPolicy()
ADA = Recipient(
    customer_id=CustomerID(1),
    zone="UTC",
    language="en",
    channels=(Channel.EMAIL,),
    reachable=frozenset({Channel.EMAIL, Channel.INBOX}),
    consents=frozenset({Channel.EMAIL}),
)
OFFER = Due(
    kind=MessageKind.MARKETING,
    channel=Channel.EMAIL,
    not_after=NOON + timedelta(days=1),
    offer=OfferStanding.OPEN,
)


class TestCheck:
    def test_lets_go_what_may_go(self) -> None:
        assert check(OFFER, ADA, POLICY, NOON) is None

    @pytest.mark.parametrize(
        ("due", "customer", "now", "reason"),
        [
            (OFFER, replace(ADA, erased=True), NOON, Reason.CUSTOMER_ERASED),
            (OFFER, replace(ADA, consents=frozenset()), NOON, Reason.NO_CONSENT),
            (
                OFFER,
                replace(ADA, reachable=frozenset({Channel.INBOX})),
                NOON,
                Reason.CHANNEL_LOST,
            ),
            (
                OFFER,
                replace(ADA, channels=(Channel.INBOX, Channel.EMAIL)),
                NOON,
                Reason.CHANNEL_LOST,
            ),
            (OFFER, ADA, NIGHT, Reason.NOT_NOW),
            (
                OFFER,
                replace(ADA, pause_until=NOON + timedelta(days=1)),
                NOON,
                Reason.NOT_NOW,
            ),
            (OFFER, ADA, NOON + timedelta(days=1), Reason.TOO_LATE),
            (replace(OFFER, offer=OfferStanding.ENDED), ADA, NOON, Reason.OFFER_ENDED),
            (
                replace(OFFER, offer=OfferStanding.REDEEMED),
                ADA,
                NOON,
                Reason.OFFER_REDEEMED,
            ),
            (
                replace(OFFER, offer=OfferStanding.WITHDRAWN),
                ADA,
                NOON,
                Reason.OFFER_WITHDRAWN,
            ),
        ],
    )
    def test_names_what_is_in_the_way(
        self, due: Due, customer: Recipient, now: datetime, reason: Reason
    ) -> None:
        assert check(due, customer, POLICY, now) is reason

    def test_a_service_message_goes_at_night_and_without_consent(self) -> None:
        card = replace(OFFER, kind=MessageKind.SERVICE, offer=OfferStanding.NONE)
        nobody = replace(
            ADA, consents=frozenset(), pause_until=NOON + timedelta(days=9)
        )

        assert check(card, nobody, POLICY, NIGHT) is None


class TestNextTry:
    def test_waits_longer_each_time_with_a_quarter_of_jitter(self) -> None:
        for attempts, wait in enumerate(WAITS, start=1):
            for message in range(50):
                again = next_try(message_id=message, attempts=attempts, now=NOON)

                assert again is not None
                assert wait <= again - NOON <= wait * 1.25

    def test_gives_up_after_the_last_wait(self) -> None:
        assert next_try(message_id=1, attempts=len(WAITS) + 1, now=NOON) is None

    def test_is_not_the_same_for_all(self) -> None:
        tries = {next_try(message_id=m, attempts=1, now=NOON) for m in range(50)}

        assert len(tries) > 40


class TestStateAfterCrash:
    @pytest.mark.parametrize("kind", MessageKind)
    @pytest.mark.parametrize("channel", Channel)
    def test_what_was_only_claimed_is_planned_again(
        self, kind: MessageKind, channel: Channel
    ) -> None:
        after = state_after_crash(MessageState.CLAIMED, kind, channel)

        assert after is MessageState.PLANNED

    @pytest.mark.parametrize(
        ("kind", "channel", "state"),
        [
            (MessageKind.MARKETING, Channel.EMAIL, MessageState.UNKNOWN),
            (MessageKind.MARKETING, Channel.SMS, MessageState.UNKNOWN),
            (MessageKind.SERVICE, Channel.SMS, MessageState.UNKNOWN),
            (MessageKind.SERVICE, Channel.EMAIL, MessageState.PLANNED),
            (MessageKind.MARKETING, Channel.INBOX, MessageState.PLANNED),
        ],
    )
    def test_what_was_being_sent_is_sent_again_only_where_that_does_no_harm(
        self, kind: MessageKind, channel: Channel, state: MessageState
    ) -> None:
        assert state_after_crash(MessageState.SENDING, kind, channel) is state


class TestStateAfter:
    @pytest.mark.parametrize(
        ("reason", "state"),
        [
            (Reason.NO_CONSENT, MessageState.SUPPRESSED),
            (Reason.WEEKLY_CAP, MessageState.SUPPRESSED),
            (Reason.NO_MOMENT, MessageState.EXPIRED),
            (Reason.OFFER_REDEEMED, MessageState.CANCELLED),
            (Reason.GAVE_UP, MessageState.FAILED),
        ],
    )
    def test_says_how_a_message_ends(self, reason: Reason, state: MessageState) -> None:
        assert state_after(reason) is state
