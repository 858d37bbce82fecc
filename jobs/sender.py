"""The sender: claims due messages, hands them over group by group, writes it up.

Between two hand-overs there is one transaction: it writes up what came of the last
group and writes down the next one as ``sending``. No transaction is open while a
provider is called. Whenever the process is killed, one group is in doubt at most.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.orm import Session

from jobs.channels.base import (
    Channel,
    ChannelError,
    NotTried,
    PermanentFailure,
    Sender,
    TemporaryFailure,
    Unknown,
)
from jobs.context import WorkerContext
from jobs.transactions import again
from loyalty.core.clock import machine_now, utc_now
from loyalty.customers.values import Channel as ChannelName
from loyalty.customers.values import CustomerID
from loyalty.delivery import service as delivery
from loyalty.delivery.queries.agreeing import still_agreed
from loyalty.delivery.queries.recipients import people
from loyalty.delivery.render import compose
from loyalty.delivery.rules.sending import (
    after_permanent,
    after_temporary,
    after_unknown,
)
from loyalty.delivery.values import (
    Claimed,
    MessageID,
    NotSent,
    OutgoingMessage,
    Person,
    Receipt,
)

BATCH: Final = 500
GROUP: Final = 20
"""How many messages a crash can leave in doubt."""

PATIENCE_SECONDS: Final = 30.0
"""A group that takes longer is cut short, well before its lease of 60 s ends."""

BATCH_SECONDS: Final = 20.0
"""What of a batch has not begun by then is put back, before its lease ends."""

FRESH_SECONDS: Final = 0.5
"""So long after the last check of a batch, consents are not asked for again."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Outcome:
    """What came of the messages of one group."""

    sent: list[tuple[Claimed, Receipt]] = field(default_factory=list)
    not_sent: list[NotSent] = field(default_factory=list)
    untried: list[Claimed] = field(default_factory=list)
    retry_after: float | None = None
    """In how many seconds the provider wants to be asked again, if it said so."""

    reached: bool = False
    """Whether the provider said yes or no to anything."""

    refused_all: bool = False
    """Whether it was asked, and took or judged nothing."""

    @property
    def stops(self) -> bool:
        """Whether the provider is to be left alone for now."""
        return self.refused_all or self.retry_after is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """One channel's claimed messages, as a worker sends them."""

    context: WorkerContext
    channel: ChannelName
    way: Channel
    sender: Sender

    def send(self, at_most: int, *, shard: int | None) -> int:
        """
        Claim a batch and send it.

        :returns: how many messages were claimed; 0 if there were none, or if the
            provider is to be left alone
        """
        granted = self._ask(at_most)
        if not granted:
            return 0
        claims, ready, persons = again(
            self.context.database, lambda session: self._claim(session, granted, shard)
        )
        handed, goes_on = self._send_all(ready, persons)
        self._give_back(granted - handed)
        return len(claims) if goes_on else 0

    def _ask(self, at_most: int) -> int:
        with self.context.database.transaction() as session:
            return delivery.ask_provider(
                session,
                provider=self.way.provider,
                wanted=min(at_most, BATCH),
                machine_now=machine_now(),
            )

    def _give_back(self, unused: int) -> None:
        if unused:
            with self.context.database.transaction() as session:
                delivery.return_unused(
                    session, provider=self.way.provider, unused=unused
                )

    def _claim(
        self, session: Session, at_most: int, shard: int | None
    ) -> tuple[Sequence[Claimed], Sequence[Claimed], dict[CustomerID, Person]]:
        claims = delivery.claim_due(
            session,
            channel=self.channel,
            at_most=at_most,
            worker=self.context.name,
            now=utc_now(),
            machine_now=machine_now(),
            shard=shard,
        )
        if not claims:
            return (), (), {}
        ready = delivery.prepare(
            session,
            claims=claims,
            policy=self.context.policy(session),
            now=utc_now(),
        )
        persons = people(session, customer_ids={claim.customer_id for claim in ready})
        return claims, ready, persons

    def _send_all(
        self, ready: Sequence[Claimed], persons: dict[CustomerID, Person]
    ) -> tuple[int, bool]:
        """Send group by group; return how many were tried, and whether to go on."""
        started = time.monotonic()
        until = started + BATCH_SECONDS
        handed = begun = 0
        outcome = Outcome()
        while begun < len(ready) and not outcome.stops and time.monotonic() < until:
            group = ready[begun : begun + GROUP]
            fresh = time.monotonic() < started + FRESH_SECONDS
            allowed = self._begin(group, outcome, fresh=fresh)
            begun += len(group)
            outcome = self._hand_over(allowed, persons)
            handed += len(allowed) - len(outcome.untried)
        self._end(outcome, untouched=ready[begun:])
        return handed, not outcome.stops

    def _begin(
        self, group: Sequence[Claimed], last: Outcome, *, fresh: bool
    ) -> Sequence[Claimed]:
        """Write up the last group, and this one as being handed over; durably."""

        def begin(session: Session) -> Sequence[Claimed]:
            self._record(session, last)
            agreed = group if fresh else still_agreed(session, claims=group)
            allowed = delivery.mark_sending(
                session, claims=agreed, now=utc_now(), machine_now=machine_now()
            )
            may_go = {claim.id for claim in allowed}
            held_back = [claim for claim in group if claim.id not in may_go]
            delivery.release(session, claims=held_back, now=utc_now())
            return allowed

        return again(self.context.database, begin)

    def _end(self, last: Outcome, *, untouched: Sequence[Claimed]) -> None:
        provider = self.way.provider

        def end(session: Session) -> None:
            self._record(session, last)
            delivery.release(session, claims=untouched, now=utc_now())
            if last.stops:
                delivery.note_failure(
                    session,
                    provider=provider,
                    machine_now=machine_now(),
                    retry_after=last.retry_after,
                )
            elif last.reached:
                delivery.note_success(session, provider=provider)

        again(self.context.database, end)

    def _record(self, session: Session, outcome: Outcome) -> None:
        now = utc_now()
        if outcome.sent:
            delivery.mark_sent(
                session, handed=outcome.sent, provider=self.way.provider, now=now
            )
        delivery.mark_not_sent(session, results=outcome.not_sent, now=now)
        delivery.release(session, claims=outcome.untried, now=now)

    def _hand_over(
        self, claims: Sequence[Claimed], persons: dict[CustomerID, Person]
    ) -> Outcome:
        outcome = Outcome()
        left = {claim.id: claim for claim in claims}
        messages = self._compose(claims, persons, outcome, left)
        for message, result in self.sender.send_all(messages):
            claim = left.pop(message.id)
            if isinstance(result, NotTried):
                outcome.untried.append(claim)
                break
            self._take(outcome, claim, message, result)
            if outcome.retry_after is not None:
                break
        outcome.untried += left.values()
        outcome.refused_all = bool(claims) and not outcome.reached
        return outcome

    def _compose(
        self,
        claims: Sequence[Claimed],
        persons: dict[CustomerID, Person],
        outcome: Outcome,
        left: dict[MessageID, Claimed],
    ) -> Iterator[OutgoingMessage]:
        """Write messages one at a time, as long as there is patience."""
        until = time.monotonic() + PATIENCE_SECONDS
        for claim in claims:
            if time.monotonic() > until:
                return
            try:
                message = compose(
                    claim,
                    persons.get(claim.customer_id, Person()),
                    vault=self.context.vault,
                    public_url=self.context.public_url,
                    now=utc_now(),
                )
            except (KeyError, ValueError, TypeError):
                # A bug in a template must not keep its message coming back for ever.
                _log.exception("Message %s can't be written", claim.id)
                outcome.not_sent.append(after_permanent(claim, "can't be written"))
                outcome.reached = True
                del left[claim.id]
                continue
            yield message

    def _take(
        self,
        outcome: Outcome,
        claim: Claimed,
        message: OutgoingMessage,
        result: Receipt | ChannelError | None,
    ) -> None:
        """Sort what came of one message."""
        now = utc_now()
        match result:
            case PermanentFailure():
                bad = message.address if result.bad_address else None
                outcome.not_sent.append(
                    after_permanent(claim, str(result), bad_address=bad)
                )
                outcome.reached = True
            case TemporaryFailure():
                outcome.retry_after = result.retry_after
                outcome.not_sent.append(
                    after_temporary(
                        claim, str(result), retry_after=result.retry_after, now=now
                    )
                )
            case Unknown():
                outcome.not_sent.append(
                    after_unknown(claim, str(result), askable=self.way.askable, now=now)
                )
            case ChannelError():
                outcome.not_sent.append(after_temporary(claim, str(result), now=now))
            case _:
                outcome.sent.append((claim, result or Receipt()))
                outcome.reached = True
