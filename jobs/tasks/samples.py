"""One message by each way, for whoever looks at the demo."""

import logging
from typing import Final
from uuid import uuid4

from jobs.channels.base import ChannelError
from jobs.context import worker
from loyalty.customers.values import Channel
from loyalty.delivery.values import MessageID, MessageKind, OutgoingMessage
from loyalty.demo.outbox import demo_browser

_ADDRESSES: Final = {
    Channel.SMS: "+48601234567",
    Channel.TELEGRAM: "1234567890",
    Channel.LETTER: "Ada Lovelace\nul. Prosta 1\n00-001 Warszawa",
}
_WAYS: Final = (*_ADDRESSES, Channel.PUSH, Channel.WEBHOOK)

_log = logging.getLogger(__name__)


def send_samples() -> None:
    """Send a sample by every way that the demo plays the provider of."""
    context = worker.get()
    addresses: dict[Channel, str | None] = {
        **_ADDRESSES,
        Channel.PUSH: demo_browser(context.vault, context.public_url),
    }
    for channel in _WAYS:
        way = context.channels.get(channel)
        if way is None:
            continue
        try:
            with way.open() as sender:
                sender.send(_sample(context.public_url, addresses.get(channel)))
        except ChannelError as failure:
            _log.warning("No sample by %s: %s", channel.value, failure)


def _sample(public_url: str, address: str | None) -> OutgoingMessage:
    url = f"{public_url}/wallet/offers"
    words = "Coffee: 20 % off until Sunday, because you often buy it."
    return OutgoingMessage(
        id=MessageID(0),
        kind=MessageKind.MARKETING,
        address=address,
        subject="Lab market: an offer for you",
        text=f"Hello Ada,\n\n{words}\n\nSee the offer:\n{url}\n\n"
        "Terms: once for each card, as long as there is any.\n",
        html=f"<p>{words}</p>",
        language="en",
        handover_key=uuid4().hex,
        brief=f"{words} {url}",
        url=url,
    )
