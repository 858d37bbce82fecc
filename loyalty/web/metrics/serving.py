"""What gunicorn is told besides its arguments: ``--config python:<this module>``."""

from prometheus_client.multiprocess import mark_process_dead


def child_exit(_server: object, worker: object) -> None:
    """Take a web process that ended out of the sums of what is so now."""
    mark_process_dead(getattr(worker, "pid", None))  # type: ignore[no-untyped-call]  # no types
