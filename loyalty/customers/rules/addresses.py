"""Reading what a person typed as a phone number or an e-mail address."""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from loyalty.core.errors import Invalid
from loyalty.core.texts import normalise_digits
from loyalty.customers.values import ContactKind

MAX_LENGTH = 254


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A phone number in E.164 or an e-mail address in lower case."""

    kind: ContactKind
    value: str
    landline: bool = False


def parse_address(text: str, *, region: str, pointer: str = "/contact") -> Address:
    """
    Read a phone number or an e-mail address, whichever it is.

    :param region: where a number without a country code is, as ``PL``
    :raises Invalid: saying what is wrong with it
    """
    text = normalise_digits(text).strip()
    if not text or len(text) > MAX_LENGTH:
        message = "Enter a phone number or an e-mail address."
        raise Invalid.field(pointer=pointer, message=message, code="contact_missing")
    if "@" in text:
        return parse_email(text, pointer=pointer)
    return parse_phone(text, region=region, pointer=pointer)


def parse_email(text: str, *, pointer: str) -> Address:
    """
    Read an e-mail address.

    :raises Invalid: if it is none
    """
    try:
        # The demo's invented people live at example.org, which is a special use.
        found = validate_email(
            text.strip(), check_deliverability=False, test_environment=True
        )
    except EmailNotValidError as problem:
        message = f"This is no e-mail address: {problem}"
        raise Invalid.field(
            pointer=pointer, message=message, code="email_invalid"
        ) from None
    return Address(kind=ContactKind.EMAIL, value=found.normalized.lower())


def parse_phone(text: str, *, region: str, pointer: str) -> Address:
    """
    Read a phone number, national or international.

    :raises Invalid: if it is none
    """
    if any(c.isalpha() for c in text):
        message = "A phone number has digits only, as 601 234 567 or +48 601 234 567."
        raise Invalid.field(pointer=pointer, message=message, code="phone_letters")
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        message = "This is no phone number: too short, too long or no country code."
        raise Invalid.field(pointer=pointer, message=message, code="phone_invalid")
    return Address(
        kind=ContactKind.PHONE,
        value=phonenumbers.format_number(number, PhoneNumberFormat.E164),
        landline=phonenumbers.number_type(number) == PhoneNumberType.FIXED_LINE,
    )


def masked(address: str, kind: ContactKind) -> str:
    """
    Return the address as it may stand on a screen that others can see.

    Of a browser's subscription that is the push service, of a postal address the
    first letters of its lines.
    """
    if kind is ContactKind.PUSH:
        return push_service(address)
    if kind is ContactKind.POST:
        return ", ".join(f"{line[:2]}•••" for line in address.splitlines())
    if kind is ContactKind.EMAIL:
        name, _, domain = address.partition("@")
        return f"{name[:1]}•••@{domain}"
    return f"{address[:3]} ••• {address[-3:]}"


def push_service(subscription: str) -> str:
    """Return whose service carries messages to a subscribed browser, by its host."""
    endpoint = str(json.loads(subscription)["endpoint"])
    return urlsplit(endpoint).hostname or endpoint
