"""Looking at deliveries, stopping them, and sending again, by hand."""

import dataclasses
import json
from datetime import datetime, timedelta

import click

from jobs.cli.setting_up import configured, opened
from loyalty.core.clock import machine_now, utc_now
from loyalty.core.database import Database
from loyalty.customers.values import Channel
from loyalty.delivery import service as delivery
from loyalty.delivery.queries.figures import COUNTED, Figures, read_figures
from loyalty.delivery.queries.messages import Event
from loyalty.delivery.queries.messages import story as story_of
from loyalty.delivery.queries.monitor import verify as verify_books
from loyalty.delivery.queries.pauses import list_pauses
from loyalty.delivery.queries.providers import list_providers
from loyalty.delivery.queries.replays import Wanted, count_replayable
from loyalty.delivery.queries.tallies import counted_until, happened
from loyalty.delivery.service.replaying import replay as replay_one
from loyalty.delivery.service.replaying_many import REPLAYABLE
from loyalty.delivery.values import MessageID, MessageState, Reason

_ACTOR = "cli"
_HOUR = timedelta(hours=1)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("delivery")
def delivery_group() -> None:
    """Look at deliveries, pause them, and send again."""


@delivery_group.command("status")
@json_option
def status(*, as_json: bool) -> None:
    """Say what waits, who works and what happened in the last hour."""
    now, machine = utc_now(), machine_now()
    with (
        configured() as settings,
        opened(settings) as database,
        database.transaction() as session,
    ):
        figures = read_figures(session, now=now, machine_now=machine)
        pauses = [(one.scope, one.paused_by) for one in list_pauses(session)]
        counts: dict[str, int] = {}
        for one in happened(session, since=now - _HOUR):
            counts[one.what] = counts.get(one.what, 0) + one.count
        until = counted_until(session)
    found: dict[str, object] = {
        "due": {name.value: one.count for name, one in figures.waiting.items()},
        "oldest_due": _iso(_oldest(figures)),
        "held": {state.value: count for state, count in figures.held.items()},
        "leases_ended": figures.overdue,
        "paused": [scope for scope, _by in pauses],
        "leader": figures.leader and figures.leader.name,
        "processes": [one.name for one in figures.processes if one.fresh],
        "last_hour": counts,
        "counted_until": _iso(until),
    }
    if as_json:
        click.echo(json.dumps(found))
    else:
        _say_status(found)


@delivery_group.command("verify")
@json_option
def verify(*, as_json: bool) -> None:
    """
    Check that every message ever planned is accounted for; exit 1 if one is not.

    Reads every message: minutes where there are a hundred million.
    """
    with (
        configured() as settings,
        opened(settings) as database,
        database.transaction() as session,
    ):
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        books = verify_books(session)
        delivery.note_books(session, books=books, now=utc_now())
    if as_json:
        by_state = {state.value: count for state, count in books.by_state.items()}
        found = {
            "planned": books.planned,
            "pending": books.pending,
            "by_state": by_state,
            "problems": list(books.problems),
        }
        click.echo(json.dumps(found))
    else:
        for problem in books.problems:
            click.echo(f"Wrong: {problem}")
        verdict = "the books balance" if books.balanced else "they do not balance"
        click.echo(f"{books.planned} planned, {books.pending} pending: {verdict}.")
    if not books.balanced:
        raise SystemExit(1)


@delivery_group.command("pause")
@click.argument("scope")
def pause(scope: str) -> None:
    """Let nothing of SCOPE leave: all, channel:email, campaign:12."""
    with (
        configured() as settings,
        opened(settings) as database,
        database.transaction() as session,
    ):
        delivery.pause(session, scope=scope, actor=_ACTOR, now=utc_now())
    click.echo(f"Paused: {scope}. `loyalty delivery resume {scope}` ends it.")


@delivery_group.command("resume")
@click.argument("scope")
def resume(scope: str) -> None:
    """Let what was paused under SCOPE leave again."""
    with (
        configured() as settings,
        opened(settings) as database,
        database.transaction() as session,
    ):
        if scope not in {one.scope for one in list_pauses(session)}:
            message = f"{scope} is not paused."
            raise click.ClickException(message)
        delivery.resume(session, scope=scope, actor=_ACTOR, now=utc_now())
    click.echo(f"Sending goes on: {scope}.")


@delivery_group.command("providers")
@json_option
def providers(*, as_json: bool) -> None:
    """Say how fast each provider may be used, and whether it can be used now."""
    with (
        configured() as settings,
        opened(settings) as database,
        database.transaction() as session,
    ):
        found = list_providers(session, machine_now=machine_now())
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(one) for one in found], default=str))
        return
    for one in found:
        state = "in use"
        if one.open_until:
            state = f"circuit broken until {one.open_until:%H:%M:%S} UTC"
        elif one.not_before:
            state = f"asked us to wait until {one.not_before:%H:%M:%S} UTC"
        rate = "no limit" if one.rate is None else f"{one.rate:g}/s"
        click.echo(f"{one.name:24} {rate:>10}  {state}")
    if not found:
        click.echo("Nothing was handed to a provider yet.")


@delivery_group.command("story")
@click.argument("message", type=click.IntRange(min=1))
@json_option
def story(*, message: int, as_json: bool) -> None:
    """Say all that happened to a MESSAGE, by its number."""
    with (
        configured() as settings,
        opened(settings) as database,
        database.transaction() as session,
    ):
        found = story_of(session, message_id=MessageID(message))
    if as_json:
        item = found.delivery
        events = [_event(one) for one in found.events]
        whole = {"message": item.id, "state": item.state, "events": events}
        click.echo(json.dumps(whole, default=str))
        return
    for event in found.events:
        what = str(event.receipt or event.state)
        reason = f" ({event.reason})" if event.reason else ""
        details = ", ".join(f"{name} {value}" for name, value in _details(event))
        click.echo(f"{_iso(event.at)}  {what}{reason}  {details}".rstrip())


@delivery_group.command("replay")
@click.option("--message", type=click.IntRange(min=1), help="One message's number.")
@click.option("--state", type=click.Choice([one.value for one in REPLAYABLE]))
@click.option("--reason", type=click.Choice([one.value for one in Reason]))
@click.option("--channel", type=click.Choice([one.value for one in Channel]))
@click.option("--hours", type=click.IntRange(1, 720), default=24, show_default=True)
@click.option("--yes", is_flag=True, help="Do it; without it they are only counted.")
def replay(
    *,
    message: int | None,
    state: str | None,
    reason: str | None,
    channel: str | None,
    hours: int,
    yes: bool,
) -> None:
    """
    Plan once more what did not go out: one message, or all that ended in one way.

    Each is checked again before it leaves. Many are planned by a worker; the admin
    shows how far it is.
    """
    if (message is None) == (state is None):
        text = "Give either --message or --state."
        raise click.UsageError(text)
    with configured() as settings, opened(settings) as database:
        if message is not None:
            _replay_one(database, MessageID(message))
            return
        now = utc_now()
        wanted = Wanted(
            state=MessageState(state or ""),
            reason=None if reason is None else Reason(reason),
            channel=None if channel is None else Channel(channel),
            since=now - timedelta(hours=hours),
            until=now,
        )
        _replay_many(database, wanted, now, do=yes)


def _replay_one(database: Database, message_id: MessageID) -> None:
    with database.transaction() as session:
        replay_one(session, message_id=message_id, actor=_ACTOR, now=utc_now())
    click.echo(f"Message {message_id} is planned once more.")


def _replay_many(
    database: Database, wanted: Wanted, now: datetime, *, do: bool
) -> None:
    with database.transaction() as session:
        count = count_replayable(session, wanted=wanted)
        if do and count:
            delivery.ask_replay(session, wanted=wanted, actor=_ACTOR, now=now)
    if not count:
        click.echo("No message ended like this in this time.")
    elif do:
        click.echo(f"{count} messages are being planned once more.")
    else:
        click.echo(f"{count} messages ended like this: --yes plans them once more.")


def _say_status(found: dict[str, object]) -> None:
    due = found["due"]
    waiting = sum(due.values()) if isinstance(due, dict) else 0
    at_least = "at least " if waiting >= COUNTED else ""
    oldest = found["oldest_due"]
    since = f", the oldest since {oldest}" if oldest else ""
    click.echo(f"due        {at_least}{waiting}{since}")
    for name in ("held", "last_hour"):
        figures = found[name]
        shown = figures.items() if isinstance(figures, dict) else ()
        words = ", ".join(f"{count} {what}" for what, count in shown if count)
        click.echo(f"{name.replace('_', ' '):10} {words or 'none'}")
    click.echo(f"paused     {_listed(found['paused'])}")
    click.echo(f"leader     {found['leader'] or 'none: nothing new is sent'}")
    click.echo(f"alive      {_listed(found['processes'])}")
    click.echo(f"counted    up to {found['counted_until'] or 'nothing yet'}")


def _listed(names: object) -> str:
    return ", ".join(names) if isinstance(names, list) and names else "none"


def _event(event: Event) -> dict[str, object]:
    return {
        "at": _iso(event.at),
        "what": str(event.receipt or event.state),
        "reason": event.reason,
        "details": dict(_details(event)),
    }


def _details(event: Event) -> list[tuple[str, object]]:
    """Return what was noted; of channels passed over, each with its reason."""
    found: list[tuple[str, object]] = []
    for name, value in event.details.items():
        if isinstance(value, list):
            passed = [f"{one.get('channel')}: {one.get('why')}" for one in value]
            if passed:
                found.append((name, "; ".join(passed)))
        elif value is not None:
            found.append((name, value))
    return found


def _oldest(figures: Figures) -> datetime | None:
    moments = [one.oldest for one in figures.waiting.values() if one.oldest]
    return min(moments, default=None)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
