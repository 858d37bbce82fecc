"""Each channel with a real peer on loopback, and how that peer is made to say no."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import SecretStr

from jobs.channels import CHANNELS, ChannelParts
from jobs.channels.base import Channel
from jobs.posting import Poster
from loyalty.core.vault import Vault
from loyalty.customers.values import Channel as ChannelName
from loyalty.delivery.values import MessageID, MessageKind, OutgoingMessage
from loyalty.settings import ProviderSettings
from tests.integration.jobs.scripted_server import HANG_UP, ScriptedServer
from tests.peers import receiver, sms, telegram
from tests.peers.push import PushPeer
from tests.peers.receiver import ReceiverPeer
from tests.peers.sms import SmsPeer
from tests.peers.telegram import TelegramPeer
from tests.peers.web import Answer, Peer, closed_port

KEY = "0123456789abcdef0123456789abcdef"
PUBLIC_URL = "https://shop.example"
POST_ADDRESS = "Ada Lovelace\nul. Prosta 1\n00-001 Warszawa"


def message(**changes: object) -> OutgoingMessage:
    usual = OutgoingMessage(
        id=MessageID(7),
        kind=MessageKind.MARKETING,
        address=None,
        subject="An offer for you",
        text="Hello,\n\nCoffee: 20 % off.\n",
        html="<p>Coffee: 20 % off.</p>",
        language="en",
        handover_key=KEY,
        brief="Coffee: 20 % off. https://shop.example/o/1",
        url="https://shop.example/o/1",
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # of a test's choosing


@dataclass(kw_only=True)
class Situation:
    """A channel, somebody who can be reached by it, and the levers of its peer."""

    channel: Channel
    good: str | None
    """An address that works; None where none is needed."""

    broken: Callable[[], Channel] | None = None
    """The channel with nobody at the other end."""

    later: Callable[[], float | None] | None = None
    """Make the peer say "later"; gives how many seconds it asks for."""

    never: Callable[[], None] | None = None
    """Make the peer refuse the message for good."""

    hang_up: Callable[[], None] | None = None
    """Make the peer take the message and go away without a word."""

    dead: Mapping[str, str] | None = None
    """An address that the peer says is dead, by why."""

    keys: Callable[[], list[str]] | None = None
    """The hand-over keys that the peer has seen."""

    taken: Callable[[], int] = lambda: 0
    """How many different messages the peer holds."""

    knows_keys: bool = False
    oversize: Mapping[str, str] | None = None
    injected: Mapping[str, str] | None = None


def made(name: ChannelName, *, seconds: float = 5, **settings: object) -> Channel:
    parts = ChannelParts(
        settings=ProviderSettings.model_validate(settings),
        vault=Vault("s" * 32),
        public_url=PUBLIC_URL,
        provider=Poster(allow_private=True, whole_seconds=seconds),
    )
    return CHANNELS[name](parts)


@contextmanager
def email(_folder: Path) -> Iterator[Situation]:
    server = ScriptedServer()

    def answers(**said: str) -> None:
        server.answers = said

    def later() -> None:
        answers(BODY="451 4.3.0 not now")

    with server.running():
        yield Situation(
            channel=made(ChannelName.EMAIL, smtp_url=f"smtp://127.0.0.1:{server.port}"),
            broken=lambda: made(
                ChannelName.EMAIL, smtp_url=f"smtp://127.0.0.1:{closed_port()}"
            ),
            good="ada@example.org",
            later=later,
            never=lambda: answers(BODY="554 5.6.0 not this"),
            hang_up=lambda: answers(BODY=HANG_UP),
            keys=lambda: [KEY for mail in server.mails if f"<{KEY}@".encode() in mail],
            taken=lambda: len(server.mails),
            injected={"subject": "An offer\r\nBcc: eve@example.org"},
        )


def _levers(peer: Peer, *, later: Answer, seconds: float) -> dict[str, object]:
    def say_later() -> float:
        peer.forced = later
        return seconds

    def never() -> None:
        peer.forced = Answer(status=400, document={"message": "not this"})

    def hang_up() -> None:
        peer.hangs_up = True

    return {"later": say_later, "never": never, "hang_up": hang_up}


_LATER = Answer(status=429, document={"code": 20429}, headers={"Retry-After": "17"})


@contextmanager
def text_message(_folder: Path) -> Iterator[Situation]:
    def channel(url: str) -> Channel:
        return made(
            ChannelName.SMS,
            sms_url=url,
            sms_account=sms.ACCOUNT,
            sms_token=SecretStr(sms.TOKEN),
            sms_from="Lab market",
            sms_part_cost=40_000,
        )

    with SmsPeer().running() as peer:
        yield Situation(
            channel=channel(peer.url),
            broken=lambda: channel(f"http://127.0.0.1:{closed_port()}"),
            good="+48601234567",
            dead={"stopped": sms.STOPPED, "no number": "+48"},
            keys=lambda: [
                one["StatusCallback"].rpartition("/")[2] for one in peer.messages
            ],
            taken=lambda: len(peer.messages),
            oversize={"brief": "ą" * 671},
            injected={"brief": "Coffee\x00\x1b[2J"},
            **_levers(peer, later=_LATER, seconds=17),  # type: ignore[arg-type]
        )


@contextmanager
def browser(_folder: Path) -> Iterator[Situation]:
    def channel() -> Channel:
        return made(
            ChannelName.PUSH,
            push_contact="mailto:shop@example.org",
            push_allow_private=True,
        )

    with PushPeer().running() as peer:
        gone = peer.subscription.replace("browser-1", "browser-2")
        yield Situation(
            channel=channel(),
            good=peer.subscription,
            dead={"gone": gone, "none": '{"endpoint": "https://push.example/1"}'},
            keys=lambda: [str(one["tag"]) for one in peer.shown.values()],
            taken=lambda: len(peer.shown),
            knows_keys=True,
            oversize={"subject": "x" * 5000},
            **_levers(peer, later=_LATER, seconds=17),  # type: ignore[arg-type]
        )


@contextmanager
def messenger(_folder: Path) -> Iterator[Situation]:
    later = Answer(
        status=429,
        document={
            "ok": False,
            "description": "Too Many Requests: retry after 23",
            "parameters": {"retry_after": 23},
        },
    )

    def channel(url: str) -> Channel:
        return made(
            ChannelName.TELEGRAM,
            telegram_url=url,
            telegram_token=SecretStr(telegram.TOKEN),
            telegram_bot="lab_market_bot",
        )

    with TelegramPeer().running() as peer:
        yield Situation(
            channel=channel(peer.url),
            broken=lambda: channel(f"http://127.0.0.1:{closed_port()}"),
            good="1234567890",
            dead={
                "blocked": str(telegram.BLOCKED),
                "nobody": str(telegram.NOBODY),
                "none": "12; drop",
            },
            keys=lambda: [one.headers["idempotency-key"] for one in peer.requests],
            taken=lambda: len(peer.messages),
            oversize={"brief": "x" * 4097},
            injected={"brief": "Coffee\x00"},
            **_levers(peer, later=later, seconds=23),  # type: ignore[arg-type]
        )


@contextmanager
def own_app(_folder: Path) -> Iterator[Situation]:
    def channel(url: str) -> Channel:
        return made(
            ChannelName.WEBHOOK,
            message_webhook_url=f"{url}/messages",
            message_webhook_secret=SecretStr(receiver.SECRET),
        )

    with ReceiverPeer().running() as peer:
        yield Situation(
            channel=channel(peer.url),
            broken=lambda: channel(f"http://127.0.0.1:{closed_port()}"),
            good=None,
            keys=lambda: list(peer.messages),
            taken=lambda: len(peer.messages),
            knows_keys=True,
            oversize={"text": "x" * 64_001},
            **_levers(peer, later=_LATER, seconds=17),  # type: ignore[arg-type]
        )


@contextmanager
def post(folder: Path) -> Iterator[Situation]:
    blocked = folder / "a file"
    blocked.touch()

    def channel(where: Path) -> Channel:
        return made(
            ChannelName.LETTER,
            letter_dir=where,
            letter_sender="Lab market, Prosta 2, 00-002 Warszawa",
            letter_cost=1_200_000,
        )

    def keys() -> list[str]:
        return [path.name for path in (folder / "letters" / "keys").iterdir()]

    def later() -> None:
        spool = folder / "letters" / "spool"
        spool.rename(folder / "elsewhere")
        (folder / "letters" / "spool").touch()

    yield Situation(
        channel=channel(folder / "letters"),
        broken=lambda: channel(blocked),
        good=POST_ADDRESS,
        later=later,
        dead={"one line": "Warszawa", "seven lines": "\n".join(["ul. Prosta"] * 7)},
        keys=keys,
        taken=lambda: len(keys()),
        knows_keys=True,
        oversize={"text": "x" * 12_001},
        injected={"subject": "An offer\nfor you"},
    )


@contextmanager
def inbox(_folder: Path) -> Iterator[Situation]:
    yield Situation(channel=made(ChannelName.INBOX), good=None)


@contextmanager
def till(_folder: Path) -> Iterator[Situation]:
    yield Situation(
        channel=made(ChannelName.TILL), good=None, oversize={"brief": "x" * 301}
    )


SITUATIONS = {
    ChannelName.EMAIL: email,
    ChannelName.SMS: text_message,
    ChannelName.PUSH: browser,
    ChannelName.TELEGRAM: messenger,
    ChannelName.INBOX: inbox,
    ChannelName.TILL: till,
    ChannelName.LETTER: post,
    ChannelName.WEBHOOK: own_app,
}
