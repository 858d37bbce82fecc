"""The programme of the demo and its shops, with invented addresses."""

from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from loyalty.demo.dice import Dice
from loyalty.stores.values import PointsRule, Programme, Strategy

PROGRAMME: Final = Programme(
    name="Lab market",
    currency="EUR",
    time_zone=ZoneInfo("Europe/Warsaw"),
    strategy=Strategy.BEST_FOR_CUSTOMER,
    points_rule=PointsRule(points=1, per=Decimal("1.00"), lifetime_days=365, version=1),
    card_prefix="627011",
    phone_region="PL",
    languages=("en", "pl", "ru", "sl", "fa"),
    quiet_from_minute=21 * 60,
    quiet_until_minute=8 * 60,
    max_messages_per_week=2,
)
"""Points as most shops give them; few messages, none at night."""

FIRST_CAMPAIGN: Final = "first-offers"
"""The campaign that the demo plans by itself, so that there is something to see."""

WEEKLY_CAMPAIGN: Final = "every-friday"
"""One that it launches, so that there are runs and results once time has passed."""

OPENING_HOURS: Final = "Mon-Sun 06:00-24:00"

_STREETS: Final = (
    "Orchard",
    "Mill",
    "Station",
    "Church",
    "Garden",
    "Bridge",
    "Market",
    "School",
    "River",
    "Castle",
    "Linden",
    "Meadow",
    "Harbour",
    "Chapel",
    "Windmill",
    "Forest",
)
_KINDS: Final = ("Street", "Road", "Lane", "Square", "Avenue")
_TOWNS: Final = ("Riverton", "Eastvale", "Northam", "Lakewell", "Stonebridge")


def store_name(number: int) -> str:
    """Return the name of the data's shop of this number."""
    dice = Dice(f"store/{number}")
    return f"{PROGRAMME.name} {dice.pick('street', _STREETS)} {number}"


def store_address(number: int) -> str:
    """Return an address that does not exist."""
    dice = Dice(f"store/{number}")
    street = f"{dice.pick('street', _STREETS)} {dice.pick('kind', _KINDS)}"
    return f"{dice.whole('house', 1, 180)} {street}, {dice.pick('town', _TOWNS)}"


def store_phone(place: int) -> str:
    """Return a London number that Ofcom keeps for fiction; ``place`` below 1,000."""
    return f"+44 20 7946 0{place:03d}"
