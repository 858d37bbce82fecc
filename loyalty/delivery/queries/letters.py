"""A message's words as its customer read them, written anew."""

from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core.texts import use_language
from loyalty.customers.values import CustomerID
from loyalty.delivery.models import MessageRow
from loyalty.delivery.queries.messages import MessageNotFound
from loyalty.delivery.queries.own_words import own_words
from loyalty.delivery.queries.recipients import people
from loyalty.delivery.render import Filling, Letter, write
from loyalty.delivery.values import MessageID, Person


def read_letter(session: Session, *, message_id: MessageID, now: datetime) -> Letter:
    """
    Return a message's words in its language and on its channel, with the name in them.

    No message is kept with a name in it: it is filled in again, for an erased customer
    with none.

    :raises MessageNotFound: if there is no such message
    """
    row = session.get(MessageRow, message_id)
    if row is None:
        message = f"There is no message {message_id}."
        raise MessageNotFound(message)
    customer_id: CustomerID = row.customer_id
    person = people(session, customer_ids=[customer_id]).get(customer_id, Person())
    key = (customer_id, row.template)
    words = own_words(session, wanted=[key], now=now)
    filling = Filling(
        parameters=row.parameters,
        first_name=person.first_name,
        zone=person.zone,
        channel=row.channel,
        words=words.get(key),
    )
    with use_language(row.language):
        return write(row.template, filling)
