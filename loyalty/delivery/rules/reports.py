"""Reading what mail servers send back: RFC 3464 bounces and RFC 5965 complaints.

What comes in is hostile until proven: it is read only up to a size and a number of
parts, and of all it says three things are used: which message, which address, and how
bad. The standard library takes the message apart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from typing import Final

from loyalty.delivery.values import ReceiptEvent

LARGEST: Final = 512 * 1024
"""A report quotes the head of a message, not the whole of it."""

_MOST_PARTS: Final = 20
_MOST_RECIPIENTS: Final = 50
_LONGEST: Final = 300
_NESTING: Final = re.compile(rb"(?i)(boundary\s*=|message/)")
"""What makes the parser go one level deeper: more of them are refused unread."""

_KEY: Final = re.compile(r"<([0-9a-f]{8,64})@[^<>\s@]+>")
_RETURNED: Final = re.compile(r"\+([0-9a-f]{8,64})@")
_STATUS: Final = re.compile(r"^([245])\.(\d{1,3})\.(\d{1,3})")
_ADDRESS: Final = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")
_GONE: Final = frozenset({(2, 1), (4, 4)})
"""Mailbox disabled, and no route to the domain (RFC 3463): not the fault of a mail."""

_SENDERS_FAULT: Final = frozenset({(1, 7), (1, 8)})
"""The sender's address is bad, not the recipient's."""


class Unreadable(ValueError):
    """It is too large, too deep, or no report at all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What one mail server says of one message."""

    event: ReceiptEvent
    handover_key: str | None
    """From the message that is quoted; the address it came back to knows better."""

    address: str | None
    """To whom the message did not go, or who complained."""

    hard: bool = False
    detail: str = ""
    """Without addresses."""


def read_report(data: bytes) -> Report | None:
    """
    Return what a report says; None for one that only says "still trying".

    :raises Unreadable: if it is no report, or built to be trouble
    """
    if len(data) > LARGEST or len(_NESTING.findall(data)) > _MOST_PARTS:
        message = "too large or too deep"
        raise Unreadable(message)
    try:
        whole = message_from_bytes(data)
        parts = list(whole.walk())
        kinds = {part.get_content_type(): part for part in reversed(parts)}
        key = _key_in(parts[1:])
        if "message/feedback-report" in kinds:
            return _complaint(kinds["message/feedback-report"], key)
        if "message/delivery-status" in kinds:
            return _bounce(kinds["message/delivery-status"], key)
    except (ValueError, TypeError, LookupError, AttributeError) as problem:
        message = "can't be taken apart"
        raise Unreadable(message) from problem
    message = "no report"
    raise Unreadable(message)


def is_hard(status: str) -> bool:
    """
    Tell an address where nothing will arrive from any other failure (RFC 3463).

    Class 5 with a subject of addressing means the recipient; a policy, a full mailbox
    or a message that somebody dislikes says nothing about the next message.
    """
    found = _STATUS.match(status.strip())
    if found is None or found[1] != "5":
        return False
    kind = int(found[2]), int(found[3])
    return kind in _GONE or (kind[0] == 1 and kind not in _SENDERS_FAULT)


def _bounce(part: Message, key: str | None) -> Report | None:
    for fields in _blocks(part):
        action = _field(fields, "Action").lower()
        status = _field(fields, "Status")
        where = _address(fields, "Original-Recipient", "Final-Recipient")
        if action == "failed":
            said = _field(fields, "Diagnostic-Code")
            return Report(
                event=ReceiptEvent.BOUNCED,
                handover_key=key,
                address=where,
                hard=is_hard(status),
                detail=_scrubbed(f"{status} {said}"),
            )
        if action == "delivered":
            return Report(event=ReceiptEvent.DELIVERED, handover_key=key, address=where)
    return None


def _complaint(part: Message, key: str | None) -> Report | None:
    fields = next(_blocks(part), Message())
    kind = _field(fields, "Feedback-Type").lower()
    if not kind:
        message = "an empty feedback report"
        raise Unreadable(message)
    if kind == "not-spam":
        return None
    back = _RETURNED.search(_field(fields, "Original-Mail-From"))
    return Report(
        event=ReceiptEvent.COMPLAINED,
        handover_key=back[1] if back else key,
        address=_address(fields, "Removal-Recipient", "Original-Rcpt-To"),
        detail=_scrubbed(kind),
    )


def _blocks(part: Message) -> Iterator[Message]:
    """Give the groups of fields of a machine-readable part."""
    payload = part.get_payload()
    if isinstance(payload, list):
        blocks = [one for one in payload if isinstance(one, Message)]
    else:
        text = part.get_payload(decode=True)
        blocks = [message_from_bytes(text if isinstance(text, bytes) else b"")]
    for block in blocks[:_MOST_RECIPIENTS]:
        if block.keys():
            yield block
        elif isinstance(block.get_payload(), str):
            yield message_from_bytes(str(block.get_payload()).encode())


def _key_in(parts: list[Message]) -> str | None:
    """Return the hand-over key in the Message-ID of the message that is quoted."""
    for part in parts:
        texts = [_field(part, "Message-ID")]
        if part.get_content_type() == "text/rfc822-headers":
            body = part.get_payload(decode=True)
            quoted = message_from_bytes(body if isinstance(body, bytes) else b"")
            texts.append(_field(quoted, "Message-ID"))
        for text in texts:
            found = _KEY.fullmatch(text.strip().lower())
            if found:
                return found[1]
    return None


def _field(fields: Message, name: str) -> str:
    return " ".join(str(fields.get(name, "")).split())


def _address(fields: Message, *names: str) -> str | None:
    for name in names:
        address = parseaddr(_field(fields, name).rpartition(";")[2])[1]
        if "@" in address:
            return address.lower()
    return None


def _scrubbed(text: str) -> str:
    return _ADDRESS.sub("<address>", " ".join(text.split()))[:_LONGEST]
