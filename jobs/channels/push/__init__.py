"""Notifications in browsers: sealing, proving who sends, and handing over."""

from jobs.channels.push.sending import PushChannel

__all__ = ["PushChannel"]
