"""The vocabulary of delivery."""

from loyalty.delivery.values.books import Books
from loyalty.delivery.values.handing import (
    Answer,
    Claimed,
    NotSent,
    OutgoingMessage,
    OwnWords,
    Person,
    ProviderReceipt,
    Receipt,
)
from loyalty.delivery.values.planning import (
    DeliveryPolicy,
    NewMessage,
    Plan,
    Planned,
    Recipient,
    Refusal,
)
from loyalty.delivery.values.states import (
    ONLY,
    PENDING,
    WENT_OUT,
    Details,
    MessageID,
    MessageKind,
    MessageState,
    Reason,
    ReceiptEvent,
    TallySpan,
    only_channel,
)

__all__ = [
    "ONLY",
    "PENDING",
    "WENT_OUT",
    "Answer",
    "Books",
    "Claimed",
    "DeliveryPolicy",
    "Details",
    "MessageID",
    "MessageKind",
    "MessageState",
    "NewMessage",
    "NotSent",
    "OutgoingMessage",
    "OwnWords",
    "Person",
    "Plan",
    "Planned",
    "ProviderReceipt",
    "Reason",
    "Receipt",
    "ReceiptEvent",
    "Recipient",
    "Refusal",
    "TallySpan",
    "only_channel",
]
