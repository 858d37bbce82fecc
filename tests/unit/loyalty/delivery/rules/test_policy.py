"""The programme's settings as a policy."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from loyalty.customers.values import Channel
from loyalty.delivery.rules.policy import policy_of
from loyalty.delivery.values import DeliveryPolicy
from loyalty.stores.values import PointsRule, Programme, Strategy

PROGRAMME = Programme(
    name="Lab market",
    currency="EUR",
    time_zone=ZoneInfo("UTC"),
    strategy=Strategy.BEST_FOR_CUSTOMER,
    points_rule=PointsRule(points=1, per=Decimal(1), lifetime_days=365, version=1),
    card_prefix="240112",
    phone_region="PL",
    languages=("en",),
    quiet_from_minute=22 * 60,
    quiet_until_minute=6 * 60 + 30,
    max_messages_per_week=1,
)


class TestPolicyOf:
    def test_has_the_programmes_quiet_hours_on_every_day(self) -> None:
        (quiet,) = policy_of(PROGRAMME).quiet

        def is_quiet(hour: int, minute: int) -> bool:
            moments = [
                datetime(2026, 11, day, hour, minute, tzinfo=UTC)
                for day in range(16, 23)
            ]
            found = {quiet.contains(moment, UTC) for moment in moments}
            assert len(found) == 1
            return found.pop()

        assert not is_quiet(21, 59)
        assert is_quiet(22, 0)
        assert is_quiet(6, 29)
        assert not is_quiet(6, 30)

    def test_has_no_quiet_hours_that_end_when_they_begin(self) -> None:
        all_day = replace(PROGRAMME, quiet_from_minute=0, quiet_until_minute=0)

        assert policy_of(all_day).quiet == ()

    def test_has_the_programmes_weekly_cap(self) -> None:
        assert policy_of(PROGRAMME).max_per_week == 1

    def test_has_the_channels_that_are_served(self) -> None:
        assert policy_of(PROGRAMME).providers == DeliveryPolicy().providers
        assert policy_of(PROGRAMME, {Channel.INBOX: 1}).providers == {Channel.INBOX}
