"""What the programme's own settings mean for messages."""

from collections.abc import Collection

from loyalty.core.periods import WeeklyWindow
from loyalty.customers.values import Channel
from loyalty.delivery.values import DeliveryPolicy
from loyalty.stores.values import Programme

EVERY_DAY = frozenset(range(7))


def policy_of(
    programme: Programme, providers: Collection[Channel] | None = None
) -> DeliveryPolicy:
    """
    Return what the programme allows now: read it anew for each piece of work.

    Quiet hours that end when they begin are none.

    :param providers: channels that something stands behind; None takes those of a
        usual installation, e-mail and the inbox
    """
    usual = DeliveryPolicy()
    start, until = programme.quiet_from_minute, programme.quiet_until_minute
    quiet = WeeklyWindow(days=EVERY_DAY, start=start, until=until)
    return DeliveryPolicy(
        providers=usual.providers if providers is None else frozenset(providers),
        quiet=() if start == until else (quiet,),
        max_per_week=programme.max_messages_per_week,
    )
