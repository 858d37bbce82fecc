"""Making the shop's tiers."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.jobs import enqueue
from loyalty.tiers import queries
from loyalty.tiers.models import LadderRow
from loyalty.tiers.rules import check_ladder
from loyalty.tiers.values import Ladder

REVIEW_JOB = "review_tiers"
"""Goes through all members, by the tiers as they are then; takes nothing."""


def save_ladder(
    session: Session, *, ladder: Ladder, actor: str, now: datetime
) -> Ladder:
    """
    Make these the shop's tiers from now on, and have all members reviewed.

    Who would be lower keeps the tier for the grace period; who held one that is no
    more gets what their measure suffices for.

    :raises Invalid: naming every field at fault
    """
    check_ladder(ladder)
    current = queries.get_ladder(session)
    if replace(ladder, version=current.version) == current:
        return current
    saved = replace(ladder, version=current.version + 1)
    session.add(
        LadderRow(
            version=saved.version,
            basis=saved.basis,
            span=saved.span,
            days=max(1, saved.days),
            grace_days=saved.grace_days,
            tiers=[
                {
                    "code": tier.code,
                    "name": dict(tier.name),
                    "threshold": tier.threshold,
                }
                for tier in saved.tiers
            ],
            at=now,
            actor=actor,
        )
    )
    session.flush()
    audit.record(
        session,
        now=now,
        actor=actor,
        action="tiers.save",
        subject="tiers",
        before={"version": current.version},
        after={
            "version": saved.version,
            "tiers": [f"{tier.code}:{tier.threshold}" for tier in saved.tiers],
        },
    )
    enqueue(session, REVIEW_JOB)
    return saved
