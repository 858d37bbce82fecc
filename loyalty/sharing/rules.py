"""Telling whether two people are one, as far as their addresses say."""

from collections.abc import Iterable

from loyalty.customers.values import Contact, ContactKind

_DOTS_MEAN_NOTHING = frozenset({"gmail.com", "googlemail.com"})
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 8


def same_address(one: Iterable[Contact], other: Iterable[Contact]) -> bool:
    """
    Test whether two people have an address in common.

    What stands behind a plus in an e-mail address makes no difference, nor do the dots
    where the provider ignores them: such addresses are one mailbox.
    """
    return bool({_mailbox(c) for c in one} & {_mailbox(c) for c in other})


def _mailbox(contact: Contact) -> tuple[ContactKind, str]:
    if contact.kind is not ContactKind.EMAIL:
        return contact.kind, contact.value
    name, _at, domain = contact.value.lower().rpartition("@")
    name = name.partition("+")[0]
    if domain in _DOTS_MEAN_NOTHING:
        name, domain = name.replace(".", ""), "gmail.com"
    return contact.kind, f"{name}@{domain}"
