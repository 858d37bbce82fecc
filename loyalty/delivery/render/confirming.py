"""The message that has an address confirmed, from the address itself."""

from datetime import datetime, timedelta

from loyalty.core.links import sign_link
from loyalty.core.texts import gettext as _
from loyalty.core.vault import Vault
from loyalty.customers.rules.confirming import ASK_LASTS, CODE_KEY, code_text
from loyalty.customers.values import Channel, ContactID, CustomerID
from loyalty.delivery.render.letters import Letter
from loyalty.delivery.values import ONLY, Details

CONFIRM_PURPOSE = "confirm"
_LINK_LASTS = max(ASK_LASTS, timedelta(days=7))


def confirm_parameters(
    *,
    shop: str,
    contact_id: ContactID,
    channel: Channel,
    nonce: bytes,
    asked: tuple[int, str] | None,
) -> Details:
    """
    Return what the ``confirm`` template needs.

    :param channel: the only one that the message may go by
    :param nonce: from which the code is derived when the message is handed over
    :param asked: the statement that waits for the confirmation, and its wording
    """
    parameters: Details = {
        "shop": shop,
        "confirm": contact_id,
        "nonce": nonce.hex(),
        ONLY: channel.value,
    }
    if asked is None:
        return parameters
    return {**parameters, "statement": asked[0], "wording": asked[1]}


def confirm_token(
    vault: Vault,
    *,
    customer_id: CustomerID,
    contact_id: ContactID,
    statement: int | None = None,
    now: datetime,
) -> str:
    """
    Return the token of a link that confirms an address to which it is sent.

    :param statement: the yes that waits for it
    """
    payload: dict[str, int | str] = {"c": customer_id, "k": contact_id}
    if statement is not None:
        payload["s"] = statement
    return sign_link(vault, CONFIRM_PURPOSE, payload, now + _LINK_LASTS)


def code_of(vault: Vault, parameters: Details) -> str | None:
    """Return the code that belongs into a message, if one does."""
    nonce = parameters.get("nonce")
    if not isinstance(nonce, str):
        return None
    return code_text(vault.derive(CODE_KEY), bytes.fromhex(nonce))


def confirm_letter(
    parameters: Details, *, hello: str, url: str | None, code: str | None
) -> Letter:
    """
    Write the message; it is read from the address alone.

    :param code: None where it is shown to somebody who did not get it there
    """
    shop, wording = parameters.get("shop"), parameters.get("wording")
    what = (
        _("You said this to %(shop)s: “%(wording)s”", shop=shop, wording=wording)
        if wording
        else _("%(shop)s would like to know that this address is yours.", shop=shop)
    )
    if code is None:
        how = _("It was confirmed by the link or the code in the message itself.")
    elif url is None:
        how = _("Your code: %(code)s", code=code)
    else:
        how = _("Confirm it with the button, or say this code: %(code)s", code=code)
    without = (
        _("Without it, nothing of the kind is sent. You did not say so? Do nothing.")
        if wording
        else _("You did not give this address? Do nothing: nothing more is sent.")
    )
    return Letter(
        subject=_("%(shop)s: please confirm", shop=shop),
        paragraphs=(hello, what, how),
        button=_("Yes, confirm"),
        url=url,
        small_print=(without,),
    )
