"""A template mailed to the member of staff who asked for it, marked as a test.

It is no message: no row is written, so it counts in no customer's cap and in no
result. The offer in it is an example, for a mail may be forwarded.
"""

import logging
from dataclasses import replace
from uuid import uuid4

from jobs.channels.base import ChannelError
from jobs.context import worker
from loyalty.core.clock import utc_now
from loyalty.core.texts import gettext as _
from loyalty.core.texts import use_language
from loyalty.customers.values import Channel
from loyalty.delivery.values import MessageKind
from loyalty.staff.queries import get_member
from loyalty.staff.values import StaffID
from loyalty.templates.queries import get_version
from loyalty.usecases.preview_template import Reader, preview_template

_log = logging.getLogger(__name__)


def send_template_test(*, code: str, number: int, language: str, staff_id: int) -> None:
    """Mail a version, in one language, to a member of staff."""
    context = worker.get()
    with context.database.transaction() as session:
        member = get_member(session, staff_id=StaffID(staff_id))
        version = get_version(session, code=code, number=number)
        previewed = preview_template(
            session,
            version=version,
            channels=[Channel.EMAIL],
            reader=Reader(
                customer_id=None, language=language, public_url=context.public_url
            ),
            now=utc_now(),
        )
    if member.disabled_at is not None:
        return
    [mail] = previewed.messages
    with use_language(language):
        subject = _("[Test] %(subject)s", subject=mail.subject)
    test = replace(
        mail,
        kind=MessageKind.SERVICE,
        address=member.email,
        subject=subject,
        handover_key=uuid4().hex,
        # Nobody is unsubscribed by a mail program that offers a button for it.
        unsubscribe_url=None,
    )
    try:
        with context.channels[Channel.EMAIL].open() as sender:
            sender.send(test)
    except ChannelError as failure:
        # Whoever asked is waiting for it, and asks again.
        _log.warning("A test of a template was not handed over: %s", failure)
