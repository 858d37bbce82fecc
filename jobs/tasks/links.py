"""Sending a customer the link that opens their pages.

The link is made here, handed over at once and kept nowhere: neither the queue nor
the messages' table ever hold it. Doing it again sends another link.
"""

import logging
from uuid import uuid4

from jobs.channels.base import ChannelError
from jobs.context import worker
from loyalty.core.clock import machine_now
from loyalty.customers.queries import get_profile
from loyalty.customers.service.links import make_link
from loyalty.customers.values import Channel, CustomerID
from loyalty.delivery.queries.recipients import people
from loyalty.delivery.render import compose_wallet_link
from loyalty.stores.queries import get_programme

_log = logging.getLogger(__name__)


def send_wallet_link(*, customer_id: int) -> None:
    """Mail a sign-in link to the customer; 0 is nobody, and nothing is sent."""
    if customer_id == 0:
        return
    context = worker.get()
    key = CustomerID(customer_id)
    with context.database.transaction() as session:
        profile = get_profile(session, customer_id=key)
        person = people(session, customer_ids={key})[key]
        shop = get_programme(session).name
        token = make_link(session, customer_id=key, now=machine_now())
    if Channel.EMAIL not in person.addresses:
        _log.info("Customer %d has no working e-mail address", customer_id)
        return
    message = compose_wallet_link(
        person,
        shop=shop,
        url=f"{context.public_url}/w/{token}",
        language=profile.language,
        handover_key=uuid4().hex,
    )
    try:
        with context.channels[Channel.EMAIL].open() as sender:
            sender.send(message)
    except ChannelError as failure:
        # The customer asks again: a link that comes late has run out anyway.
        _log.warning("A sign-in link was not handed over: %s", failure)
