"""
The role that the service runs as: it reads and writes rows, and owns nothing.

What is only ever added to (the tables with the trigger ``append_only``) it may read and
add to: PostgreSQL itself refuses it to alter, delete or truncate, and to switch the
trigger off.
"""

from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import ProgrammingError

_APPEND_ONLY = """
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE t.tgname = 'append_only' AND n.nspname = current_schema()
    ORDER BY 1
"""


class RoleMissing(Exception):
    """There is no role for the service, and it can't be made here."""


def let_in(connection: Connection, *, service_url: str) -> None:
    """
    Give the service's role its rights, and take others away; after each migration.

    Nothing is done when the service connects as the tables' owner.

    :param service_url: the address that the service connects with
    :raises RoleMissing: if there is no such role and the owner may not make any
    """
    url = make_url(service_url)
    role = url.username
    if role is None or role == connection.scalar(text("SELECT current_user")):
        return
    _provide(connection, role, str(url.password or ""))
    name = _quoted(connection, role)
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {name}"))
    for objects, rights in (
        ("TABLES", "SELECT, INSERT, UPDATE, DELETE"),
        ("SEQUENCES", "USAGE, SELECT"),
    ):
        grant = f"GRANT {rights} ON ALL {objects} IN SCHEMA public TO {name}"
        connection.execute(text(grant))
    kept = [*connection.scalars(text(_APPEND_ONLY)), "alembic_version"]
    connection.execute(text(f"REVOKE UPDATE, DELETE ON {', '.join(kept)} FROM {name}"))
    connection.execute(text(f"REVOKE INSERT ON alembic_version FROM {name}"))


def _provide(connection: Connection, role: str, password: str) -> None:
    found = text("SELECT 1 FROM pg_roles WHERE rolname = :role")
    if connection.scalar(found, {"role": role}):
        return
    name = _quoted(connection, role)
    quoted = connection.scalar(text("SELECT quote_literal(:it)"), {"it": password})
    try:
        with connection.begin_nested():
            connection.execute(
                text(f"CREATE ROLE {name} LOGIN PASSWORD {quoted}"),
            )
    except ProgrammingError:
        message = (
            f"there is no role {role!r} for the service, and the owner may not make"
            f" one: let an administrator run CREATE ROLE {name} LOGIN PASSWORD '…'"
        )
        raise RoleMissing(message) from None


def _quoted(connection: Connection, name: str) -> str:
    return str(connection.scalar(text("SELECT quote_ident(:name)"), {"name": name}))
