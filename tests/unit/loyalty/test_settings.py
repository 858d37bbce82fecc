"""The settings, as a process reads them from its environment."""

import pytest

from loyalty.customers.values import Channel
from loyalty.settings import InvalidSettings, Settings

NEEDED = {
    "LOYALTY_DATABASE_URL": "postgresql+psycopg://shop@localhost/shop",
    "LOYALTY_REDIS_URL": "redis://localhost/0",
    "LOYALTY_SECRET_KEY": "s" * 32,
}


class TestSettings:
    def test_have_defaults_for_one_machine_without_a_proxy(self) -> None:
        settings = Settings.from_environ(NEEDED)

        assert settings.trusted_proxies == 0
        assert settings.staff_idle_minutes == 120
        assert settings.staff_session_hours == 12

    def test_are_read_from_the_environment(self) -> None:
        settings = Settings.from_environ(
            {
                **NEEDED,
                "LOYALTY_TRUSTED_PROXIES": "2",
                "LOYALTY_STAFF_IDLE_MINUTES": "15",
                "LOYALTY_STAFF_SESSION_HOURS": "8",
            }
        )

        assert settings.trusted_proxies == 2
        assert settings.staff_idle_minutes == 15
        assert settings.staff_session_hours == 8

    def test_are_handed_on_whole_to_a_child(self) -> None:
        settings = Settings.from_environ({**NEEDED, "LOYALTY_TRUSTED_PROXIES": "1"})

        assert Settings.from_environ(settings.as_environ()) == settings

    def test_name_every_variable_that_is_wrong(self) -> None:
        wrong = {
            "LOYALTY_TRUSTED_PROXIES": "-1",
            "LOYALTY_STAFF_IDLE_MINUTES": "0",
            "LOYALTY_STAFF_SESSION_HOURS": "long",
            "LOYALTY_TRUSTED_PROXY": "1",
        }

        with pytest.raises(InvalidSettings) as caught:
            Settings.from_environ({**NEEDED, **wrong})

        for name in wrong:
            assert name in str(caught.value)

    def test_turn_a_phone_wallet_on_whole_or_not_at_all(self) -> None:
        off = Settings.from_environ(NEEDED)
        assert (off.apple_pass, off.google_wallet) == (None, None)
        half = {"LOYALTY_APPLE_PASS_KEY": "key.pem", "LOYALTY_APPLE_PASS_WWDR": "w.pem"}

        with pytest.raises(InvalidSettings) as caught:
            Settings.from_environ({**NEEDED, **half})

        assert str(caught.value) == (
            "LOYALTY_APPLE_PASS_CERTIFICATE, LOYALTY_APPLE_PASS_TYPE_ID, "
            "LOYALTY_APPLE_PASS_TEAM_ID must be set too, since "
            "LOYALTY_APPLE_PASS_KEY is"
        )

    def test_hand_the_keys_of_phone_wallets_on(self) -> None:
        google = {
            "LOYALTY_GOOGLE_WALLET_KEY_FILE": "account.json",
            "LOYALTY_GOOGLE_WALLET_CLASS_ID": "3388.loyalty",
        }
        settings = Settings.from_environ({**NEEDED, **google})

        assert settings.google_wallet is not None
        assert settings.google_wallet.class_id == "3388.loyalty"
        assert Settings.from_environ(settings.as_environ()) == settings


class TestChannelsOfSettings:
    def test_are_mail_inbox_and_till_without_more(self) -> None:
        assert Settings.from_environ(NEEDED).channels == {"email", "inbox", "till"}

    def test_come_with_what_each_provider_needs(self) -> None:
        settings = Settings.from_environ(
            {
                **NEEDED,
                "LOYALTY_SMS_ACCOUNT": "AC1",
                "LOYALTY_SMS_TOKEN": "t",
                "LOYALTY_SMS_FROM": "+48601234567",
                "LOYALTY_PUSH_CONTACT": "mailto:shop@example.org",
            }
        )

        assert settings.channels == {"email", "inbox", "push", "sms", "till"}
        assert Channel.SMS in settings.channels

    def test_refuse_half_a_provider(self) -> None:
        with pytest.raises(InvalidSettings) as caught:
            Settings.from_environ({**NEEDED, "LOYALTY_SMS_ACCOUNT": "AC1"})

        assert str(caught.value) == (
            "LOYALTY_SMS_TOKEN, LOYALTY_SMS_FROM must be set too, since "
            "LOYALTY_SMS_ACCOUNT is"
        )
