"""Whether a request for a link was probably a person's.

Mail gateways follow links to look for malware, messengers to show a preview, browsers
to be fast. Nobody can tell all of them from people: those that say what they are, that
only ask for headers, or that come at once after the hand-over are left out; what is
left still holds some machines, and a picture that a mail program loads for its reader
(as Apple's and Google's do) says nothing about a person.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

AT_ONCE: Final = timedelta(seconds=10)
"""After the hand-over: gateways look at what they have just been given."""

_MACHINES: Final = re.compile(
    r"bot\b|bot/|crawl|spider|preview|scan|fetch|monitor|curl|wget|python|java/|okhttp"
    r"|go-http|headless|facebookexternalhit|whatsapp|slack|telegram|skype|barracuda"
    r"|proofpoint|mimecast|safelinks|googleimageproxy|yahoomailproxy",
    re.IGNORECASE,
)
_AHEAD: Final = ("purpose", "sec-purpose", "x-purpose", "x-moz")
_AHEAD_WORDS: Final = re.compile(r"prefetch|preview|prerender", re.IGNORECASE)


def looks_human(
    *,
    method: str,
    headers: Mapping[str, str],
    sent_at: datetime | None,
    now: datetime,
) -> bool:
    """
    Test whether a request may be counted as a person's.

    :param headers: by their names in small letters
    :param sent_at: when the message was handed over, if it is known
    """
    if method != "GET":
        return False
    agent = headers.get("user-agent", "")
    if not agent or _MACHINES.search(agent):
        return False
    if any(_AHEAD_WORDS.search(headers.get(name, "")) for name in _AHEAD):
        return False
    return sent_at is None or now - sent_at >= AT_ONCE
