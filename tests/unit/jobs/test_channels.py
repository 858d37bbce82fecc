"""What holds for every channel, from the table."""

from dataclasses import replace

import pytest

from jobs.channels import CHANNELS, ChannelSettings, open_channels
from jobs.channels.base import Channel
from loyalty.customers.values import Channel as ChannelName
from loyalty.delivery.values import DeliveryPolicy

SETTINGS = ChannelSettings(
    smtp_url="smtp://127.0.0.1:1", mail_from="Lab market <offers@example.org>"
)


class TestChannels:
    @pytest.mark.parametrize("name", CHANNELS)
    def test_keep_their_promise(self, name: ChannelName) -> None:
        channel = CHANNELS[name](SETTINGS)

        assert isinstance(channel, Channel)
        assert channel.provider
        assert type(channel).__doc__

    def test_are_what_messages_are_planned_for(self) -> None:
        assert set(open_channels(SETTINGS)) == DeliveryPolicy().providers

    def test_refuse_an_address_that_is_no_mail_server(self) -> None:
        with pytest.raises(ValueError, match="smtp://"):
            open_channels(replace(SETTINGS, smtp_url="http://example.org"))
