"""The web process: settings in, parts put together, application out."""

from pydantic import SecretStr

from jobs.metering import RqMeter
from jobs.queues import RqQueue, connect
from loyalty.app import create_app
from loyalty.cards.render.keys import load_wallet_keys
from loyalty.core.clock import machine_now
from loyalty.core.database import Database, open_engine
from loyalty.core.vault import Vault
from loyalty.customers.values import Channel
from loyalty.demo.clock import use_demo_clock
from loyalty.settings import Settings
from loyalty.staff.values import SessionLimits
from loyalty.web.context import AppParts, InboundSecrets, Monitoring
from migrations.revisions import older_revisions


def plain(secret: SecretStr | None) -> str | None:
    """Return a secret as it is handed on."""
    return secret.get_secret_value() if secret else None


settings = Settings.from_environ()
if settings.demo:
    use_demo_clock(settings.data_dir)
vault = Vault(settings.secret_key.get_secret_value())
app = create_app(
    AppParts(
        database=Database(
            open_engine(settings.database_url),
            RqQueue(connect(settings.redis_url)),
            vault,
        ),
        vault=vault,
        redis_url=settings.redis_url,
        public_url=settings.public_url,
        secure_cookies=settings.secure_cookies,
        demo=settings.demo,
        data_dir=settings.data_dir,
        channels=frozenset(Channel(name) for name in settings.channels),
        inbound=InboundSecrets(
            sms_token=plain(settings.sms_token),
            report_secret=plain(settings.report_secret),
            telegram_bot=settings.telegram_bot,
        ),
        sms_part_cost=settings.sms_part_cost,
        letter_dir=settings.letter_dir,
        wallet_keys=load_wallet_keys(
            apple=settings.apple_pass, google=settings.google_wallet, now=machine_now()
        ),
        webhook_allow_private=settings.webhook_allow_private,
        monitoring=Monitoring(
            token=plain(settings.metrics_token),
            on_loopback=settings.metrics_on_loopback,
            outdated=older_revisions(),
            jobs=RqMeter(connect(settings.redis_url)),
        ),
        trusted_proxies=settings.trusted_proxies,
        staff_limits=SessionLimits(
            idle=settings.staff_idle_minutes * 60,
            absolute=settings.staff_session_hours * 3600,
        ),
    )
)
