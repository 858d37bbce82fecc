"""Deliveries, as the database tells."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from loyalty.core.clock import machine_now, utc_now
from loyalty.core.database import Database
from loyalty.delivery.queries.figures import Figures, read_figures
from loyalty.delivery.queries.providers import Provider, list_providers
from loyalty.delivery.queries.tallies import (
    Checked,
    Happened,
    Lateness,
    happened,
    last_books,
    lateness,
)
from loyalty.web.metrics.families import up


class DeliveryCollector(Collector):
    """Asks the database at the time of the question."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Tell how delivery stands; that the database can't be reached."""
        now, machine = utc_now(), machine_now()
        try:
            with self._database.transaction() as session:
                figures = read_figures(session, now=now, machine_now=machine)
                counts, late = happened(session), lateness(session)
                providers = list_providers(session, machine_now=machine)
                books = last_books(session)
        except SQLAlchemyError:
            yield up("database", reached=False)
            return
        yield up("database", reached=True)
        yield from _waiting(figures, now)
        yield from _hands(figures)
        yield from _processes(figures)
        yield from _happened(counts)
        yield _late(late)
        yield from _providers(providers, machine)
        yield from _books(books, now)


def _waiting(figures: Figures, now: datetime) -> Iterator[Metric]:
    due = GaugeMetricFamily(
        "loyalty_delivery_due_messages",
        "Messages that could leave now and have not yet, counted to 10000 a channel.",
        labels=["channel"],
    )
    age = GaugeMetricFamily(
        "loyalty_delivery_oldest_due_age_seconds",
        "How long the message that waits longest has been due; 0 if none waits.",
        labels=["channel"],
    )
    for channel, waiting in figures.waiting.items():
        due.add_metric([channel.value], waiting.count)
        since = (now - waiting.oldest).total_seconds() if waiting.oldest else 0.0
        age.add_metric([channel.value], since)
    yield due
    yield age


def _hands(figures: Figures) -> Iterator[Metric]:
    held = GaugeMetricFamily(
        "loyalty_delivery_held_messages",
        "Messages in workers' hands: claimed, or being handed over.",
        labels=["state"],
    )
    for state, count in figures.held.items():
        held.add_metric([state.value], count)
    yield held
    overdue = GaugeMetricFamily(
        "loyalty_delivery_overdue_leases",
        "Messages whose worker's lease has ended and that nobody has taken over.",
    )
    overdue.add_metric([], figures.overdue)
    yield overdue
    pauses = GaugeMetricFamily(
        "loyalty_delivery_pauses",
        "Pauses in force: of everything, of channels, of campaigns.",
        labels=["scope"],
    )
    for scope in ("all", "channel", "campaign"):
        pauses.add_metric([scope], figures.pauses.get(scope, 0))
    yield pauses


def _processes(figures: Figures) -> Iterator[Metric]:
    alive = GaugeMetricFamily(
        "loyalty_processes",
        "Dispatchers and workers that said they are alive, by the queue they serve.",
        labels=["kind", "queue"],
    )
    counts = Counter(
        (one.kind, one.queue if one.kind == "worker" else "")
        for one in figures.processes
        if one.fresh
    )
    for labels in sorted({*counts, ("dispatcher", "")}):
        alive.add_metric(labels, counts[labels])
    yield alive
    leads = GaugeMetricFamily(
        "loyalty_dispatcher_leader",
        "Whether a living dispatcher leads (1) or none (0).",
    )
    leads.add_metric([], float(figures.leader is not None))
    yield leads


def _happened(counts: Sequence[Happened]) -> Iterator[Metric]:
    total = CounterMetricFamily(
        "loyalty_delivery_messages",
        "Messages that came into a state, or of which something came back.",
        labels=["channel", "provider", "state"],
    )
    reasons = CounterMetricFamily(
        "loyalty_delivery_troubles",
        "Messages put off, given up or not sent, by reason.",
        labels=["channel", "state", "reason"],
    )
    sums: Counter[tuple[str, str, str]] = Counter()
    why: Counter[tuple[str, str, str]] = Counter()
    for one in counts:
        sums[one.channel, one.provider, one.what] += one.count
        if one.reason:
            why[one.channel, one.what, one.reason] += one.count
    for labels, count in sorted(sums.items()):
        total.add_metric(labels, count)
    for labels, count in sorted(why.items()):
        reasons.add_metric(labels, count)
    yield total
    yield reasons


def _late(found: Sequence[Lateness]) -> Metric:
    late = HistogramMetricFamily(
        "loyalty_delivery_handover_lateness_seconds",
        "How long after it was due a message was accepted by its provider.",
        labels=["channel", "provider"],
    )
    for one in found:
        bounds = [(str(float(most)), float(count)) for most, count in one.within]
        late.add_metric(
            [one.channel, one.provider],
            [*bounds, ("+Inf", float(one.count))],
            sum_value=one.seconds,
        )
    return late


def _providers(found: Sequence[Provider], machine: datetime) -> Iterator[Metric]:
    names = ["provider"]
    broken = GaugeMetricFamily(
        "loyalty_provider_circuit_open",
        "Whether nothing is tried because a provider took nothing (1), or not (0).",
        labels=names,
    )
    failures = GaugeMetricFamily(
        "loyalty_provider_consecutive_failures",
        "How often in a row a provider took nothing.",
        labels=names,
    )
    waits = GaugeMetricFamily(
        "loyalty_provider_retry_after_seconds",
        "How much longer a provider asked us to wait; 0 if it did not.",
        labels=names,
    )
    tokens = GaugeMetricFamily(
        "loyalty_provider_tokens",
        "Messages that a provider with a limit would take at once.",
        labels=names,
    )
    for one in found:
        broken.add_metric([one.name], float(one.open_until is not None))
        failures.add_metric([one.name], one.failures)
        left = (one.not_before - machine).total_seconds() if one.not_before else 0.0
        waits.add_metric([one.name], left)
        if one.rate is not None:
            tokens.add_metric([one.name], one.tokens)
    yield from (broken, failures, waits, tokens)


def _books(found: Checked | None, now: datetime) -> Iterator[Metric]:
    balanced = GaugeMetricFamily(
        "loyalty_delivery_books_balanced",
        "Whether the last check found every message accounted for (1), or not (0).",
    )
    age = GaugeMetricFamily(
        "loyalty_delivery_books_age_seconds", "How long ago the books were checked."
    )
    if found is not None:
        balanced.add_metric([], float(found.books.balanced))
        age.add_metric([], max(0.0, (now - found.at).total_seconds()))
    yield balanced
    yield age
