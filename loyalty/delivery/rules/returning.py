"""The address to which a mail comes back, by which it is known again.

Each mail leaves with an envelope sender of its own (VERP): a bounce names its message
by where it arrives, whatever the mail server that wrote it quotes.
"""

import re

_KEY = re.compile(r"[0-9a-f]{8,64}")


def return_address(base: str, handover_key: str) -> str:
    """
    Return the envelope sender of one mail, as ``bounces+<key>@example.org``.

    :param base: the mailbox of bounces, as ``bounces@example.org``
    """
    name, _, domain = base.rpartition("@")
    return f"{name}+{handover_key}@{domain}"


def returned_key(base: str, address: str) -> str | None:
    """Return the hand-over key in an address to which something came back, if any."""
    name, _, domain = base.lower().rpartition("@")
    local, _, at = address.strip("<> ").lower().rpartition("@")
    plain, _, key = local.rpartition("+")
    ours = plain == name and at == domain and _KEY.fullmatch(key) is not None
    return key if ours else None
