"""What a receipt makes of a message."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.delivery.rules.receipts import state_after_receipt
from loyalty.delivery.values import WENT_OUT, MessageState, ReceiptEvent


def after(*events: ReceiptEvent) -> MessageState:
    state = MessageState.SENT
    for event in events:
        found = state_after_receipt(state, event, attempts=1)
        assert found is not None
        state = found
    return state


class TestStateAfterReceipt:
    @pytest.mark.parametrize(
        ("event", "state"),
        [
            (ReceiptEvent.DELIVERED, MessageState.DELIVERED),
            (ReceiptEvent.OPENED, MessageState.DELIVERED),
            (ReceiptEvent.CLICKED, MessageState.DELIVERED),
            (ReceiptEvent.BOUNCED, MessageState.BOUNCED),
            (ReceiptEvent.COMPLAINED, MessageState.COMPLAINED),
        ],
    )
    def test_moves_a_sent_message_on(
        self, event: ReceiptEvent, state: MessageState
    ) -> None:
        assert after(event) is state

    def test_the_order_in_which_they_come_does_not_matter(self) -> None:
        for events in permutations(ReceiptEvent):
            assert after(*events) is MessageState.COMPLAINED

    @given(events=st.lists(st.sampled_from(ReceiptEvent), min_size=1))
    def test_twice_is_the_same_as_once(self, events: list[ReceiptEvent]) -> None:
        assert after(*events, *events) is after(*events)

    @pytest.mark.parametrize(
        "state", [one for one in MessageState if one not in WENT_OUT]
    )
    def test_a_message_that_was_tried_was_accepted_after_all(
        self, state: MessageState
    ) -> None:
        event = ReceiptEvent.DELIVERED

        assert state_after_receipt(state, event, attempts=1) is MessageState.DELIVERED
        assert state_after_receipt(state, event, attempts=0) is None
