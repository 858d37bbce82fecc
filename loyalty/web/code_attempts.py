"""Guessing coupon codes, slowed down: wrong ones are counted on Valkey.

Every code is counted before it is looked up, and those that were known are taken off
again, so that many requests at once get no further than one after the other. A wrong
code that stays in a basket, which is priced at every step, counts once. When the
counter is away, no code is looked up.
"""

import math
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from flask import abort
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, RateLimitItemPerMinute
from redis.exceptions import RedisError
from werkzeug.exceptions import TooManyRequests

from loyalty.core.clock import machine_now
from loyalty.promotions.rules.codes import normal_code
from loyalty.promotions.values import Missed, MissedReason
from loyalty.promotions.values.codes import Withheld
from loyalty.web.context import parts
from loyalty.web.protection import limiter

_MINUTES: Final = 15
_A_MINUTE: Final = 60


def _in_a_while(most: int, name: str) -> RateLimitItem:
    return RateLimitItemPerMinute(most, _MINUTES, namespace=f"codes-{name}")


MOST_BY_CARD: Final = 20
_BY_CARD: Final = _in_a_while(MOST_BY_CARD, "card")
_BY_CALLER: Final = _in_a_while(200, "caller")
_BY_ADDRESS: Final = _in_a_while(400, "address")
_BY_ALL: Final = _in_a_while(4_000, "all")
_SEEN: Final = _in_a_while(1, "seen")

_Counter = tuple[RateLimitItem, str]


class CodeAttempt:
    """The codes of one request, counted until it is known which are wrong."""

    def __init__(self, caller: str, card: str | None) -> None:
        self.withheld: Withheld | None = None
        self._caller = caller
        self._counted: dict[str, str] = {}
        self._counters: list[_Counter] = [
            (_BY_CALLER, caller),
            (_BY_ADDRESS, get_remote_address()),
            (_BY_ALL, "all"),
        ]
        if card is not None:
            self._counters.append((_BY_CARD, "".join(filter(str.isdigit, card))))

    def count(self, codes: Iterable[str]) -> None:
        """Count the codes; withhold all where those are too many."""
        self._counted = {
            code: mark
            for code, mark in zip(codes, _marks(codes), strict=True)
            if limiter.limiter.test(_SEEN, self._caller, mark)
        }
        cost = len(self._counted)
        if not cost:
            return
        full = [
            (item, whose)
            for item, whose in self._counters
            if not limiter.limiter.hit(item, whose, cost=cost)
        ]
        if full:
            seconds = max(_seconds_left(item, whose) for item, whose in full)
            self.withheld = Withheld(too_many=True, retry_after=seconds)

    def settle(self, missed: Iterable[Missed]) -> None:
        """Leave those counted that a quote calls unknown."""
        reason = MissedReason.CODE_UNKNOWN
        self.settle_wrong([one.code or "" for one in missed if one.reason is reason])

    def settle_wrong(self, wrong: Collection[str]) -> None:
        """Leave these counted, and take all others off."""
        right = [code for code in self._counted if code not in wrong]
        with suppress(RedisError):
            for item, whose in self._counters if right else ():
                # Should the counter be away by now, they stay counted.
                limiter.storage.incr(
                    item.key_for(whose), item.get_expiry(), -len(right)
                )
            for code in self._counted.keys() - set(right):
                limiter.limiter.hit(_SEEN, self._caller, self._counted[code])
        self._counted = {}

    def refuse(self) -> None:
        """
        Refuse the request where its codes are withheld, for what can't be half done.

        :raises HTTPException: 429 or 503, saying when to try again
        """
        if self.withheld is None:
            return
        if self.withheld.too_many:
            raise TooManyRequests(retry_after=self.withheld.retry_after)
        abort(503)


@contextmanager
def attempt(
    codes: Collection[str], *, caller: str, card: str | None
) -> Iterator[CodeAttempt]:
    """
    Count a request's codes for who sends them; settle it when they are looked up.

    What is never settled was never answered, and is taken off again.

    :param caller: the key or the member of staff, as ``key:9``
    """
    found = CodeAttempt(caller, card)
    try:
        found.count(codes)
    except RedisError:
        found.withheld = Withheld(too_many=False, retry_after=_A_MINUTE)
    try:
        yield found
    finally:
        found.settle_wrong(())


def _marks(codes: Iterable[str]) -> Iterator[str]:
    """Yield by what each code is remembered: nothing that it could be read from."""
    vault = parts().vault
    for code in codes:
        yield vault.blind_index("coupon code", normal_code(code)).hex()


def _seconds_left(item: RateLimitItem, whose: str) -> int:
    reset = limiter.limiter.get_window_stats(item, whose).reset_time
    return max(1, math.ceil(reset - machine_now().timestamp()))
