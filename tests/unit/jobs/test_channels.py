"""What holds for every channel, from the table."""

import pytest

from jobs.channels import CHANNELS, ChannelParts, open_channels
from jobs.channels.base import Channel
from loyalty.core.vault import Vault
from loyalty.customers.values import Channel as ChannelName
from loyalty.settings import ProviderSettings

NEEDED = ProviderSettings(smtp_url="smtp://127.0.0.1:1")
VAULT = Vault("s" * 32)


def parts(settings: ProviderSettings) -> ChannelParts:
    return ChannelParts(
        settings=settings, vault=VAULT, public_url="http://127.0.0.1:8000"
    )


class TestChannels:
    @pytest.mark.parametrize("name", CHANNELS)
    def test_keep_their_promise(self, name: ChannelName) -> None:
        channel = CHANNELS[name](parts(NEEDED))

        assert isinstance(channel, Channel)
        assert channel.provider
        assert type(channel).__doc__

    def test_that_need_no_settings_are_opened(self) -> None:
        assert set(open_channels(parts(NEEDED))) == {"email", "inbox", "till"}

    def test_refuse_an_address_that_is_no_mail_server(self) -> None:
        wrong = NEEDED.model_copy(update={"smtp_url": "http://example.org"})

        with pytest.raises(ValueError, match="smtp://"):
            open_channels(parts(wrong))
