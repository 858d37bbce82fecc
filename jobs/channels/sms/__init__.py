"""Text messages: how they are counted, and how they are handed over."""

from jobs.channels.sms.parts import Encoding, Measured, measure
from jobs.channels.sms.sending import SmsChannel, SmsProvider

__all__ = ["Encoding", "Measured", "SmsChannel", "SmsProvider", "measure"]
