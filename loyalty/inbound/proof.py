"""Proving who reports: what is not signed as agreed changes nothing."""

import base64
import hashlib
import hmac
import logging
from collections.abc import Iterable

from flask import Response, request

from loyalty.core.errors import Forbidden
from loyalty.customers.values import Channel
from loyalty.usecases.connect_messenger import TELEGRAM_KEY
from loyalty.web.context import parts

_log = logging.getLogger(__name__)


class NotProved(Forbidden):
    """The report is not signed by whom it claims to be from."""

    code = "not_proved"


def refused(provider: str) -> NotProved:
    """Note an unproved report, and return the refusal."""
    _log.warning(
        "A report that claims to be from %s is not signed: %s", provider, request.path
    )
    return NotProved("The signature is missing or wrong.")


def sms_signature(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """
    Return Twilio's signature of a form: HMAC-SHA1 over the address and the fields.

    Source: Twilio, "Validating requests are coming from Twilio".
    """
    signed = url + "".join(f"{name}{value}" for name, value in sorted(fields))
    # The provider's choice, not ours; HMAC does not need collisions to be hard.
    mac = hmac.new(token.encode(), signed.encode(), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode()


def prove_sms() -> None:
    """
    Test that the form at hand is signed by the account.

    :raises NotProved: if it is not, or there is no account
    """
    token = parts().inbound.sms_token
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    url = f"{parts().public_url}{request.path}{query}"
    fields = list(request.form.items(multi=True))
    given = request.headers.get("X-Twilio-Signature", "")
    if token is None or not _same(sms_signature(token, url, fields), given):
        raise refused(Channel.SMS)


def prove_telegram() -> None:
    """
    Test that the request carries the token that Telegram was given for it.

    :raises NotProved: if it does not
    """
    expected = parts().vault.derive(TELEGRAM_KEY).hex()
    given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
    if not _same(expected, given):
        raise refused(Channel.TELEGRAM)


def heard() -> Response:
    """Return the answer that ends a report: nothing to say."""
    return Response(status=204)


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())
