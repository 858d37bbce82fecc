"""Queues and jobs, as Valkey tells."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from loyalty.core.jobs import JobMeter
from loyalty.web.metrics.families import up


class JobCollector(Collector):
    """Asks the queue at the time of the question."""

    def __init__(self, meter: JobMeter) -> None:
        self._meter = meter

    def collect(self) -> Iterator[Metric]:
        """Tell how long queues are and how jobs went; that they can't be reached."""
        try:
            lengths, runs = self._meter.lengths(), self._meter.runs()
        except ConnectionError:
            yield up("queue", reached=False)
            return
        yield up("queue", reached=True)
        waiting = GaugeMetricFamily(
            "loyalty_queue_jobs", "Jobs that wait in a queue.", labels=["queue"]
        )
        for queue, count in lengths.items():
            waiting.add_metric([queue], count)
        yield waiting
        took = HistogramMetricFamily(
            "loyalty_job_duration_seconds",
            "Time that runs of a job took.",
            labels=["job", "outcome"],
        )
        for one in runs:
            bounds = [(str(most), float(count)) for most, count in one.within]
            took.add_metric(
                [one.job, "failed" if one.failed else "done"],
                [*bounds, ("+Inf", float(one.count))],
                sum_value=one.seconds,
            )
        yield took
