"""Who is held out, and who is told in which way: by lots that nobody can choose."""

import hashlib
from collections.abc import Sequence

from loyalty.offers.values import Variant

_BUCKETS = 10_000
_PERCENT = 100


def is_held_out(*, key: bytes, campaign: str, customer: int, percent: int) -> bool:
    """Test whether a customer is in a campaign's holdout.

    A keyed hash decides, so that the group is stable and nobody can choose it.
    """
    return _bucket(key, campaign, customer) < percent * _BUCKETS // _PERCENT


def variant_of(
    *, key: bytes, campaign: str, customer: int, variants: Sequence[Variant]
) -> str | None:
    """
    Return which variant a customer gets; None where there is only one way.

    :param key: another one than that of the holdout, so that the two lots know nothing
        of each other
    """
    bucket = _bucket(key, campaign, customer)
    upto = 0
    for one in variants:
        upto += one.share * _BUCKETS // _PERCENT
        if bucket < upto:
            return one.code
    return None


def _bucket(key: bytes, campaign: str, customer: int) -> int:
    digest = hashlib.blake2b(
        f"{campaign}:{customer}".encode(), key=key, digest_size=8
    ).digest()
    return int.from_bytes(digest) % _BUCKETS
