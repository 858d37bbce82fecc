"""Deliveries, as the database tells."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from loyalty.core.clock import machine_now, utc_now
from loyalty.core.database import Database
from loyalty.delivery.queries.figures import Figures, read_figures
from loyalty.web.metrics.families import up


class DeliveryCollector(Collector):
    """Asks the database at the time of the question."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Tell how delivery stands; that the database can't be reached."""
        now = utc_now()
        try:
            with self._database.transaction() as session:
                figures = read_figures(session, now=now, machine_now=machine_now())
        except SQLAlchemyError:
            yield up("database", reached=False)
            return
        yield up("database", reached=True)
        yield from _waiting(figures, now)
        yield from _hands(figures)
        yield from _processes(figures)


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
