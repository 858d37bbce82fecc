"""A gauge that two collectors share the name of."""

from prometheus_client.core import GaugeMetricFamily


def up(part: str, *, reached: bool) -> GaugeMetricFamily:
    """Return whether a part of the service could be asked."""
    family = GaugeMetricFamily(
        f"loyalty_{part}_up", f"Whether the {part} could be reached (1) or not (0)."
    )
    family.add_metric([], float(reached))
    return family
