"""Cards: looking one up, giving one out, blocking, replacing and closing one."""

from loyalty.api.v1.cards.views import resource

__all__ = ["resource"]
