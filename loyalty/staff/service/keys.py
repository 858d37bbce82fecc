"""Keys of machines: ``prefix.secret``, of which only the SHA-256 is stored."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from loyalty.core import audit
from loyalty.core.errors import Invalid, NotFound
from loyalty.core.texts import gettext as _
from loyalty.staff.models import ApiKeyRow
from loyalty.staff.values import ApiKeyID, ApiScope, KeyIdentity

_TOUCH: Final = timedelta(minutes=1)
_PREFIX_BYTES: Final = 6
_LONGEST_LABEL: Final = 100


class KeyNotFound(NotFound):
    """There is no such key in force."""

    code = "key_not_found"


def make_key(
    session: Session,
    *,
    label: str,
    scopes: Collection[ApiScope],
    store_id: int | None,
    actor: str,
    now: datetime,
) -> str:
    """
    Make a key and return it as ``prefix.secret``; it can't be shown again.

    :raises Invalid: if it has no label or no scope
    """
    label = label.strip()
    if not 0 < len(label) <= _LONGEST_LABEL:
        wrong = Invalid.field("/label", _("Give the key a label, up to 100 letters."))
        raise wrong
    if not scopes:
        wrong = Invalid.field("/scopes", _("Choose at least one thing it may do."))
        raise wrong
    prefix = secrets.token_hex(_PREFIX_BYTES)
    secret = secrets.token_urlsafe(32)
    row = ApiKeyRow(
        prefix=prefix,
        secret_hash=sha256(secret.encode()).digest(),
        label=label,
        scopes=sorted(scopes),
        store_id=store_id,
        created_by=actor,
        created_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        now=now,
        actor=actor,
        action="key.make",
        subject=f"key:{row.id}",
        after={"label": label, "scopes": sorted(scopes), "store_id": store_id},
    )
    return f"{prefix}.{secret}"


def revoke_key(
    session: Session, *, key_id: ApiKeyID, actor: str, now: datetime
) -> None:
    """
    Put a key out of force, from the next request on.

    :raises KeyNotFound: if it is not in force
    """
    revoked = session.execute(
        update(ApiKeyRow)
        .where(ApiKeyRow.id == key_id, ApiKeyRow.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ApiKeyRow.id)
    ).first()
    if revoked is None:
        message = _("There is no such key in force.")
        raise KeyNotFound(message)
    audit.record(
        session, now=now, actor=actor, action="key.revoke", subject=f"key:{key_id}"
    )


def use_key(session: Session, *, key: str, now: datetime) -> KeyIdentity | None:
    """Return whose key it is, or None; notes the use at most once a minute."""
    prefix, _dot, secret = key.partition(".")
    row = session.scalar(
        select(ApiKeyRow).where(
            ApiKeyRow.prefix == prefix, ApiKeyRow.revoked_at.is_(None)
        )
    )
    given = sha256(secret.encode()).digest()
    if row is None or not secrets.compare_digest(row.secret_hash, given):
        return None
    if row.last_used_at is None or row.last_used_at < now - _TOUCH:
        session.execute(
            update(ApiKeyRow)
            .where(
                ApiKeyRow.id == row.id,
                or_(
                    ApiKeyRow.last_used_at.is_(None),
                    ApiKeyRow.last_used_at < now - _TOUCH,
                ),
            )
            .values(last_used_at=now)
        )
    return KeyIdentity(
        id=row.id,
        label=row.label,
        scopes=frozenset(ApiScope(scope) for scope in row.scopes),
        store_id=row.store_id,
    )
