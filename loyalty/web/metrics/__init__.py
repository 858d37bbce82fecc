"""What Prometheus reads: ``/metrics``, in its text format.

Requests are counted in memory, shared by the processes of one ``loyalty web``. What
concerns deliveries is read from the database and what concerns jobs from Valkey at
the time of the question, so that any web process answers for the whole service.
"""

from loyalty.web.metrics.page import blueprint
from loyalty.web.metrics.requests import install

__all__ = ["blueprint", "install"]
