"""
A person for each household: invented but for how and when the household shops.

Names, addresses, consents and wishes are drawn from the household's number, so that
they are the same in every demo. E-mail addresses are at example.org and phone
numbers from ranges that Ofcom and the NANP keep for fiction: nobody has them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from loyalty.core.periods import WeeklyWindow
from loyalty.customers.render import WORDING_VERSION, consent_wording
from loyalty.customers.rules import Address
from loyalty.customers.service.imports import Newcomer
from loyalty.customers.service.people import Person
from loyalty.customers.values import Channel, Consent, ContactKind, Purpose
from loyalty.demo.dice import Dice
from loyalty.demo.names import invent_name
from loyalty.demo.values import Household
from loyalty.demo.wording import slug
from loyalty.stores.values import StoreID

SOURCE: Final = "import"

_LANGUAGES: Final = (
    ("en", 0.60),
    ("pl", 0.15),
    ("ru", 0.10),
    ("sl", 0.05),
    ("fa", 0.10),
)
_MARKETING: Final = 0.82
_PERSONAL: Final = 0.85
_DECLARES_HOURS: Final = 0.70
_DECLARES_TOPICS: Final = 0.40
_PREFERS_MAIL: Final = 0.75
_KNOWN_BIRTHDAY: Final = 0.5

_HOUR: Final = 60
_DAY_OPENS: Final = 8
_DAY_CLOSES: Final = 21
_AHEAD: Final = 3
"""Hours before the usual visit at which a message is welcome."""

_SHORTEST: Final = 2
_UK_FICTION: Final = 1_000
_US_FICTION: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """What a household's own purchases show; moments are naive local ones."""

    first_visit: datetime
    """On the programme's clock, aware."""

    visits: Sequence[datetime]
    favourites: tuple[str, ...]
    """Category paths, the most bought first."""

    home_store: StoreID


def invent_newcomer(
    household: Household,
    *,
    number: int,
    habits: Habits,
    demographics: Mapping[str, str | None],
    time_zone: str,
) -> Newcomer:
    """
    Return the person who holds the household's card.

    :param number: counted from 0; no two people of a demo share one
    """
    dice = Dice(f"household/{household}")
    language = dice.weighted("language", _LANGUAGES)
    name = invent_name(language, dice)
    consents = tuple(_consents(dice, language, at=habits.first_visit))
    topics = habits.favourites if dice.happens("topics", _DECLARES_TOPICS) else ()
    hours = dice.happens("hours", _DECLARES_HOURS)
    return Newcomer(
        person=Person(
            language=language,
            time_zone=time_zone,
            home_store=habits.home_store,
            first_name=name.first,
            last_name=name.last,
            birthday=_birthday(dice, demographics.get("age"), habits.first_visit),
        ),
        enrolled_at=habits.first_visit,
        addresses=(
            Address(
                kind=ContactKind.EMAIL, value=f"{name.address}.{number}@example.org"
            ),
            Address(kind=ContactKind.PHONE, value=fictional_phone(number)),
        ),
        consents=consents,
        channels=_channels(dice, consents),
        windows=preferred_windows(habits.visits) if hours else (),
        topics=topics,
        segments=segments_of(demographics),
    )


def fictional_phone(number: int) -> str:
    """Return a number kept for fiction: British mobiles first, then American ones."""
    if number < _UK_FICTION:
        return f"+447700900{number:03d}"
    area, last = divmod(number - _UK_FICTION, _US_FICTION)
    return f"+1{212 + area}55501{last:02d}"


def preferred_windows(visits: Iterable[datetime]) -> tuple[WeeklyWindow, ...]:
    """
    Return the hours before the household's usual visits, on its two main days.

    A window ends when the usual visit begins, is two or three hours long and lies
    between 8:00 and 21:00.
    """
    hours: Counter[int] = Counter()
    days: Counter[int] = Counter()
    for visit in visits:
        days[visit.weekday()] += 1
        for hour in range(visit.hour - 1, visit.hour + 2):  # neighbours count too
            hours[hour] += 2 if hour == visit.hour else 1
    if not days:
        return ()
    peak = min(hours, key=lambda hour: (-hours[hour], hour))
    until = min(max(peak, _DAY_OPENS + _SHORTEST), _DAY_CLOSES)
    start = max(until - _AHEAD, _DAY_OPENS)
    main = sorted(days, key=lambda day: (-days[day], day))[:2]
    return (
        WeeklyWindow(days=frozenset(main), start=start * _HOUR, until=until * _HOUR),
    )


def segments_of(demographics: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return what a household said of itself as segments, such as ``age-45-54``."""
    named = {
        "age": demographics.get("age"),
        "income": demographics.get("income"),
        "household": demographics.get("household_size"),
        "kids": demographics.get("kids_count"),
    }
    return tuple(
        f"{name}-{slug(value.replace('+', ' plus'))}"
        for name, value in named.items()
        if value
    )


def _consents(dice: Dice, language: str, *, at: datetime) -> Iterable[Consent]:
    statements: list[tuple[Purpose, Channel | None]] = []
    if dice.happens("marketing", _MARKETING):
        statements = [(Purpose.MARKETING, Channel.EMAIL)]
        statements += [(Purpose.MARKETING, Channel.INBOX)]
    if dice.happens("personal", _PERSONAL):
        statements.append((Purpose.PERSONALISATION, None))
    for purpose, channel in statements:
        yield Consent(
            purpose=purpose,
            channel=channel,
            given=True,
            wording=consent_wording(purpose, channel, language),
            wording_version=WORDING_VERSION,
            source=SOURCE,
            actor=SOURCE,
            at=at,
        )


def _channels(dice: Dice, consents: tuple[Consent, ...]) -> tuple[Channel, ...]:
    if not any(consent.purpose is Purpose.MARKETING for consent in consents):
        return (Channel.INBOX,)
    if dice.happens("mail first", _PREFERS_MAIL):
        return (Channel.EMAIL, Channel.INBOX)
    return (Channel.INBOX, Channel.EMAIL)


def _birthday(dice: Dice, age: str | None, today: datetime) -> date | None:
    """Return a day in the bracket, as ``45-54`` or ``65+``, for half of those known."""
    if not age or not dice.happens("birthday", _KNOWN_BIRTHDAY):
        return None
    youngest, _, oldest = age.partition("-")
    least = int(youngest.rstrip("+"))
    most = int(oldest) if oldest else least + 15
    years = dice.whole("age", least, most)
    return date(
        today.year - years, dice.whole("month", 1, 12), dice.whole("day", 1, 28)
    )
