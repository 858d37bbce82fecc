"""
Where may be sent to: https, and addresses of the public internet only.

What a name stands for is checked when it is connected to, on the very address that is
connected to; so it makes no difference how an address is spelt, nor that a name stands
for another one a moment later.
"""

import re
from collections.abc import Iterator
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final
from urllib.parse import SplitResult, urlsplit

LONGEST_URL: Final = 500
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?\.?", re.ASCII)
_PRINTABLE: Final = re.compile(r"[\x21-\x7e]+", re.ASCII)
_PORTS: Final = {"https": 443, "http": 80}

_SPECIAL: Final[tuple[IPv4Network | IPv6Network, ...]] = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments, of which Python holds some for global
        "192.88.99.0/24",  # 6to4 relays
        "::/96",  # addresses of IPv4 written as IPv6, as they once were
        "64:ff9b::/96",  # NAT64: leads to an address of IPv4
        "64:ff9b:1::/48",  # NAT64 within a network
        "2001::/23",  # protocol assignments, among them Teredo and ORCHID
        "2002::/16",  # 6to4: leads to an address of IPv4
        "fec0::/10",  # site-local, as it once was
    )
)


class UrlRefused(ValueError):
    """The address can't be one of an endpoint; the message says why."""


def check_url(url: str, *, allow_private: bool) -> str:
    """
    Return an endpoint's address if it is one.

    :param allow_private: whether http and addresses of the own network are allowed
    :raises UrlRefused: saying what is wrong
    """
    parts = _split(url)
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        message = "The address must begin with https://."
        raise UrlRefused(message)
    if "@" in parts.netloc or parts.fragment:
        message = "The address must not hold a user, a password or a #."
        raise UrlRefused(message)
    host, _port = host_and_port(url)
    for address in _literal(host):
        if not address_allowed(str(address), allow_private=allow_private):
            message = f"{host} is not an address of the public internet."
            raise UrlRefused(message)
    if not allow_private and (host == "localhost" or host.endswith(".localhost")):
        message = f"{host} is not on the public internet."
        raise UrlRefused(message)
    return url


def host_and_port(url: str) -> tuple[str, int]:
    """
    Return the name or the address that a URL leads to, and the port.

    :raises UrlRefused: if there is none
    """
    parts = _split(url)
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        message = "The port must be a number from 1 to 65535."
        raise UrlRefused(message) from error
    if not any(_literal(host)) and not _HOST.fullmatch(host):
        message = "The address must name a host."
        raise UrlRefused(message)
    return host, port or _PORTS.get(parts.scheme, 443)


def address_allowed(text: str, *, allow_private: bool) -> bool:
    """
    Test an address that would be connected to.

    Python's ``is_global`` holds some special addresses for global; those are refused
    too. Nothing is ever sent to many at once (multicast), to no address, or to
    link-local ones, where clouds tell machines their secrets.
    """
    try:
        address = _unmapped(ip_address(text))
    except ValueError:
        return False
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    if allow_private:
        return True
    special = any(
        address in network for network in _SPECIAL if network.version == address.version
    )
    return address.is_global and not address.is_reserved and not special


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that stands in an IPv6 one (``::ffff:127.0.0.1``)."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST_URL or not _PRINTABLE.fullmatch(url) or "\\" in url:
        message = f"An address has up to {LONGEST_URL} plain characters and no spaces."
        raise UrlRefused(message)
    try:
        return urlsplit(url)
    except ValueError as error:
        message = "The address can't be read."
        raise UrlRefused(message) from error


def _literal(host: str) -> Iterator[IPv4Address | IPv6Address]:
    try:
        yield ip_address(host)
    except ValueError:
        return
