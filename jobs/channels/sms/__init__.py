"""Text messages: how they are counted, and how they are handed over."""

from jobs.channels.sms.sending import SmsChannel, SmsProvider
from loyalty.delivery.rules.text_parts import Encoding, Measured, measure

__all__ = ["Encoding", "Measured", "SmsChannel", "SmsProvider", "measure"]
