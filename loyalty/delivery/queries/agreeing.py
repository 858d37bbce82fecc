"""Who still agrees, asked again while a batch is being handed over."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from loyalty.customers.values import Channel
from loyalty.delivery.queries.recipients import marketing_consents
from loyalty.delivery.values import Claimed, MessageKind


def still_agreed(session: Session, *, claims: Sequence[Claimed]) -> tuple[Claimed, ...]:
    """
    Return the claims without those whose consent was withdrawn since they were made.

    The last check asks about everything; this asks about the one thing that somebody
    may have been told is done.
    """
    offers = {
        claim.customer_id for claim in claims if claim.kind is MessageKind.MARKETING
    }
    consents = marketing_consents(session, offers) if offers else {}

    def agreed(claim: Claimed) -> bool:
        given = consents.get(claim.customer_id, set())
        inbox = claim.channel is Channel.INBOX and bool(given)
        return inbox or claim.channel in given

    return tuple(
        claim
        for claim in claims
        if claim.kind is not MessageKind.MARKETING or agreed(claim)
    )
