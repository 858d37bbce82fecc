"""Tables for staff and keys. Secrets are kept as hashes or ciphertext only."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from loyalty.core.database import Base
from loyalty.staff.values import ApiKeyID, Role, StaffID, StaffSessionID


class StaffRow(Base):
    """Somebody who works here."""

    __tablename__ = "staff_member"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    id: Mapped[StaffID] = mapped_column(Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str]
    password_hash: Mapped[str | None]
    totp_secret: Mapped[bytes | None]
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class StaffRoleRow(Base):
    """A role in a store; without a store, in all of them."""

    __tablename__ = "staff_role"
    __table_args__ = (
        Index(
            "uq_staff_role_post",
            "staff_id",
            "role",
            text("coalesce(store_id, 0)"),
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    staff_id: Mapped[StaffID] = mapped_column(ForeignKey("staff_member.id"))
    role: Mapped[Role]
    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"))


class StaffSessionRow(Base):
    """A browser in which somebody is signed in; only the token's hash is here."""

    __tablename__ = "staff_session"

    id: Mapped[StaffSessionID] = mapped_column(Identity(), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    staff_id: Mapped[StaffID] = mapped_column(ForeignKey("staff_member.id"), index=True)
    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"))
    browser: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RecoveryCodeRow(Base):
    """A code that stands in once for a lost authenticator."""

    __tablename__ = "staff_recovery_code"

    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    staff_id: Mapped[StaffID] = mapped_column(ForeignKey("staff_member.id"), index=True)
    used_at: Mapped[datetime | None]


class ApiKeyRow(Base):
    """A machine's key; of its secret only the SHA-256."""

    __tablename__ = "api_key"

    id: Mapped[ApiKeyID] = mapped_column(Identity(), primary_key=True)
    prefix: Mapped[str] = mapped_column(unique=True)
    secret_hash: Mapped[bytes]
    label: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"))
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
