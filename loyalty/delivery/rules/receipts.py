"""What a message is after its provider told something of it."""

from collections.abc import Mapping
from typing import Final

from loyalty.delivery.values import MessageState, ReceiptEvent

_PROVES: Final[Mapping[ReceiptEvent, MessageState]] = {
    ReceiptEvent.DELIVERED: MessageState.DELIVERED,
    ReceiptEvent.OPENED: MessageState.DELIVERED,
    ReceiptEvent.CLICKED: MessageState.DELIVERED,
    ReceiptEvent.BOUNCED: MessageState.BOUNCED,
    ReceiptEvent.COMPLAINED: MessageState.COMPLAINED,
}
_ORDER: Final = (
    MessageState.SENT,
    MessageState.DELIVERED,
    MessageState.BOUNCED,
    MessageState.COMPLAINED,
)
"""Later ones stand, whatever comes in afterwards: a mail that its first server took
may bounce at the next, and whoever complains has read it."""

ONCE: Final = frozenset(
    {ReceiptEvent.DELIVERED, ReceiptEvent.BOUNCED, ReceiptEvent.COMPLAINED}
)
"""What can happen to a message only once; it may be opened again and again."""


def state_after_receipt(
    state: MessageState, event: ReceiptEvent, *, attempts: int
) -> MessageState | None:
    """
    Return the state that a receipt leaves a message in.

    What was given up, or is still being handed over, was accepted after all if the
    provider knows it. None: it was never handed over, so the receipt is not about it.
    """
    proven = _PROVES[event]
    if state in _ORDER:
        return max(state, proven, key=_ORDER.index)
    return proven if attempts > 0 else None
