"""What the programme allows and gives."""

from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Invalid, Problem
from loyalty.sharing import queries
from loyalty.sharing.models import SharingPolicyRow
from loyalty.sharing.values import SharingPolicy

MOST: Final = 1_000_000


def save_policy(
    session: Session, *, policy: SharingPolicy, actor: str, now: datetime
) -> None:
    """
    Change what members may share, and what bringing a friend gives, from now on.

    :raises Invalid: naming every field at fault
    """
    values = asdict(policy)
    problems = [
        Problem(pointer=f"/{name}", message=f"Say a number from 0 to {MOST}.")
        for name, value in values.items()
        if not 0 <= value <= MOST
    ]
    if problems:
        raise Invalid(problems)
    before = asdict(queries.get_policy(session))
    session.merge(SharingPolicyRow(id=1, **values))
    audit.record(
        session,
        now=now,
        actor=actor,
        action="sharing.policy",
        subject="sharing:policy",
        before=before,
        after=values,
    )
    session.flush()
