"""Whether messages leave: what waits, who works, what happened, what went wrong."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from loyalty.admin.deliveries.brakes import Brake, brakes, may_control
from loyalty.admin.pages import blueprint, show, zone_of
from loyalty.core.clock import machine_now, utc_now
from loyalty.core.texts import format_datetime
from loyalty.core.texts import gettext as _
from loyalty.customers.values import Channel
from loyalty.delivery.queries.figures import COUNTED, Figures, read_figures
from loyalty.delivery.queries.providers import Provider, list_providers
from loyalty.delivery.queries.tallies import (
    Checked,
    Happened,
    counted_until,
    happened,
    last_books,
    over_time,
)
from loyalty.delivery.values import MessageState, Reason
from loyalty.staff.values import Permission
from loyalty.web.charts import Bar, Kind
from loyalty.web.context import database
from loyalty.web.guards import requires

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_WENT: Final = (MessageState.SENT,)
_WRONG: Final = (MessageState.FAILED, MessageState.BOUNCED, MessageState.COMPLAINED)
_NOT_SENT: Final = (
    MessageState.SUPPRESSED,
    MessageState.EXPIRED,
    MessageState.CANCELLED,
)
_ERRORS: Final = frozenset({*_WRONG, MessageState.UNKNOWN})
_RETRIED: Final = Reason.TEMPORARY


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """How far back the picture goes, and in which steps."""

    code: str
    back: timedelta
    step: timedelta
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelLine:
    """One channel at a glance."""

    channel: Channel
    due: int
    at_least: bool
    """Whether there are more than could be counted."""

    oldest_minutes: int | None
    sent: int
    wrong: int
    providers: Sequence[str]

    @property
    def used(self) -> bool:
        """Whether anything waits or happened of late."""
        return bool(self.due or self.sent or self.wrong)


@dataclass(frozen=True, kw_only=True, slots=True)
class Live:
    """The present figures, which are asked for again and again."""

    figures: Figures
    channels: Sequence[ChannelLine]
    throughput: int
    providers: Sequence[Provider]
    pauses: Sequence[Brake]
    books: Checked | None
    ago: Mapping[str, int]
    """How many minutes ago each process was alive."""

    may_control: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorLine:
    """How often something went wrong in one way."""

    state: MessageState
    reason: Reason | None
    count: int


@blueprint.get("/deliveries")
@requires(Permission.DELIVERIES_READ)
def deliveries() -> ResponseReturnValue:
    """Show how delivery does."""
    span = _span(request.args.get("span"))
    with database().transaction() as session:
        return show(
            "deliveries/monitor.html",
            live=_live(session),
            span=span,
            spans=_spans(),
            bars=_bars(session, span, zone_of(session), utc_now()),
            kinds=_kinds(),
            counted=counted_until(session),
            errors=_errors(happened(session, since=utc_now() - _DAY)),
            brakes=brakes(session),
            may_control=may_control(),
        )


@blueprint.get("/deliveries/live")
@requires(Permission.DELIVERIES_READ)
def live_deliveries() -> ResponseReturnValue:
    """Show the present figures alone, for a page that asks again and again."""
    with database().transaction() as session:
        return show("deliveries/live.html", live=_live(session))


def _live(session: Session) -> Live:
    now, machine = utc_now(), machine_now()
    figures = read_figures(session, now=now, machine_now=machine)
    lately = happened(session, since=now - _HOUR)
    return Live(
        figures=figures,
        channels=_channels(figures, lately, now),
        throughput=_throughput(session, now),
        providers=list_providers(session, machine_now=machine),
        pauses=[one for one in brakes(session) if one.pause],
        books=last_books(session),
        ago={one.name: _minutes(one.at, machine) or 0 for one in figures.processes},
        may_control=may_control(),
    )


def _channels(
    figures: Figures, lately: Sequence[Happened], now: datetime
) -> list[ChannelLine]:
    lines = []
    for channel, waiting in figures.waiting.items():
        own = [one for one in lately if one.channel == channel]
        lines.append(
            ChannelLine(
                channel=channel,
                due=waiting.count,
                at_least=waiting.count >= COUNTED,
                oldest_minutes=_minutes(waiting.oldest, now),
                sent=_count(own, _WENT),
                wrong=_count(own, _ERRORS),
                providers=sorted({one.provider for one in own if one.provider}),
            )
        )
    return lines


def _throughput(session: Session, now: datetime) -> int:
    """Return how many messages went out in the last full minute that is counted."""
    until = counted_until(session)
    if until is None or until < now - 5 * timedelta(minutes=1):
        return 0
    return _count(happened(session, since=until - timedelta(minutes=1)), _WENT)


def _bars(session: Session, span: Span, zone: ZoneInfo, now: datetime) -> list[Bar]:
    until = _edge(now, span.step, zone)
    steps = over_time(session, since=until - span.back, until=until, step=span.step)
    style = "d MMM" if span.step >= _DAY else "HH:mm"
    return [
        Bar(
            label=format_datetime(moment.astimezone(zone), style=style),
            counts=[_sum(counts, states) for states in _groups()],
        )
        for moment, counts in steps
    ]


def _edge(now: datetime, step: timedelta, zone: ZoneInfo) -> datetime:
    """Return the end of the step that runs: on the clock's minute, hour or day."""
    local = now.astimezone(zone).replace(second=0, microsecond=0)
    if step >= _HOUR:
        local = local.replace(minute=0)
    if step >= _DAY:
        local = local.replace(hour=0)
    return local.astimezone(now.tzinfo) + step


def _groups() -> Sequence[Sequence[MessageState]]:
    return (_WENT, (MessageState.UNKNOWN,), _WRONG, _NOT_SENT)


def _kinds() -> list[Kind]:
    return [
        Kind(label=_("sent"), tone="good"),
        Kind(label=_("unknown"), tone="warn"),
        Kind(label=_("failed or came back"), tone="bad"),
        Kind(label=_("not sent"), tone="plain"),
    ]


def _spans() -> list[Span]:
    minute = timedelta(minutes=1)
    return [
        Span(code="hour", back=_HOUR, step=minute, label=_("An hour")),
        Span(code="day", back=_DAY, step=_HOUR, label=_("A day")),
        Span(code="fortnight", back=14 * _DAY, step=_DAY, label=_("Two weeks")),
    ]


def _span(code: str | None) -> Span:
    spans = {one.code: one for one in _spans()}
    return spans.get(code or "", spans["day"])


def _errors(lately: Sequence[Happened]) -> list[ErrorLine]:
    """Return what went wrong by kind, the most frequent first."""
    counts: dict[tuple[MessageState, Reason | None], int] = {}
    for one in lately:
        if one.what not in set(MessageState):
            continue
        state = MessageState(one.what)
        retried = state is MessageState.PLANNED and one.reason == _RETRIED
        if state not in _ERRORS and not retried:
            continue
        key = state, Reason(one.reason) if one.reason in set(Reason) else None
        counts[key] = counts.get(key, 0) + one.count
    lines = [
        ErrorLine(state=state, reason=reason, count=count)
        for (state, reason), count in counts.items()
    ]
    return sorted(lines, key=lambda line: (-line.count, line.state))


def _count(found: Sequence[Happened], states: Collection[MessageState]) -> int:
    wanted = {state.value for state in states}
    return sum(one.count for one in found if one.what in wanted)


def _sum(counts: Mapping[str, int], states: Sequence[MessageState]) -> int:
    return sum(counts.get(state.value, 0) for state in states)


def _minutes(moment: datetime | None, now: datetime) -> int | None:
    if moment is None:
        return None
    return max(0, int((now - moment).total_seconds() // 60))
