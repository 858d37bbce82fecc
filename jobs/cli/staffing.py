"""Adding people who work here."""

import click

from jobs.cli.setting_up import configured, opened
from loyalty.core.clock import machine_now
from loyalty.staff.service.members import add_member, set_password_hash
from loyalty.staff.service.passwords import hash_password
from loyalty.staff.values import Post, Role
from loyalty.stores.queries import get_store


@click.group("staff")
def staff_group() -> None:
    """Manage the people who work here."""


@staff_group.command("add")
@click.argument("email")
@click.option("--name", required=True, help="As colleagues know them.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--store", help="The code of the only store they work in. [all stores]")
@click.password_option(help="Asked for when it is not given.")
def add(*, email: str, name: str, role: str, store: str | None, password: str) -> None:
    """Add somebody who can sign in with EMAIL and a password."""
    now = machine_now()
    password_hash = hash_password(password)
    with (
        configured() as settings,
        opened(settings) as database,
        database.transaction() as session,
    ):
        store_id = get_store(session, code=store).id if store else None
        member = add_member(
            session,
            email=email,
            name=name,
            posts=[Post(role=Role(role), store_id=store_id)],
            actor="system",
            now=now,
        )
        set_password_hash(
            session,
            staff_id=member.id,
            password_hash=password_hash,
            actor="system",
            now=now,
        )
    click.echo(f"{name} can sign in as {email}.")
