"""More ways of reaching a customer, and the kinds of address they need."""

from alembic import op
from sqlalchemy import column

revision = "channels"
down_revision = "templates"
branch_labels = None
depends_on = None

BEFORE = ("email", "sms", "inbox")
CHANNELS = ("email", "sms", "push", "telegram", "inbox", "till", "letter", "webhook")
TABLES = ("customer_channel", "customer_consent", "message")


def upgrade() -> None:
    """Go forward."""
    for table in TABLES:
        _allow(table, "channel", *CHANNELS)
    _allow("customer_contact", "kind", "email", "phone", "push", "telegram", "post")


def downgrade() -> None:
    """Go back; refused while anything uses what is new."""
    for table in TABLES:
        _allow(table, "channel", *BEFORE)
    _allow("customer_contact", "kind", "email", "phone")


def _allow(table: str, of: str, *values: str) -> None:
    name = "channel" if of == "channel" else "contactkind"
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(name, table, column(of).in_(values))
