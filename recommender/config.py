"""Every setting of the recommender, with its default and its bounds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import ClassVar, Self

SENSITIVE = (
    # alcohol
    "alcohol",
    "ale",
    "ales",
    "beer",
    "beers",
    "liquor",
    "liquors",
    "spirits",
    "wine",
    "wines",
    # tobacco
    "cigarette",
    "cigarettes",
    "cigars",
    "smoking",
    "tobacco",
    "vaping",
    # health
    "allergy",
    "analgesics",
    "antacids",
    "cold and flu",
    "restricted diet",
    "dietary",
    "ear care",
    "first aid",
    "health",
    "health care",
    "incontinence",
    "laxatives",
    "medicine",
    "medicines",
    "pharmacy",
    "supplements",
    "vitamins",
    # private life, belief
    "condoms",
    "contraceptives",
    "family planning",
    "feminine hygiene",
    "pregnancy",
    "religion",
    "religious",
)
"""Words and phrases; a product whose category path has one of them is left out."""


class RecommenderError(Exception):
    """An anticipated failure of the recommender, with a stable ``code``."""

    code: ClassVar[str] = "recommender"


class InvalidConfig(RecommenderError):
    """A setting is out of its bounds or unknown."""

    code = "invalid_config"


_BOUNDS: Mapping[str, tuple[float, float]] = {
    "seed": (0, 2**32 - 1),
    "components": (1, 512),
    "epochs": (1, 1000),
    "learning_rate": (1e-6, 10.0),
    "threads": (1, 256),
    "half_life_days": (1.0, 36500.0),
    "window_days": (1, 366),
    "windows": (1, 120),
    "shortened_share": (0.0, 1.0),
    "tokens": (1, 10000),
    "interest_days": (0.0, 1000.0),
    "popularity_days": (1, 3660),
    "discovery_share": (0.0, 1.0),
    "discovery_every": (0, 1000),
    "ranker_windows": (0, 120),
    "ranker_trees": (1, 10000),
    "ranker_leaves": (2, 4096),
    "ranker_learning_rate": (1e-6, 10.0),
    "regression_strength": (1e-3, 1e9),
    "dismissal_penalty": (0.0, 1.0),
    "dismissal_half_life_days": (1.0, 36500.0),
    "top": (1, 10000),
    "candidates": (1, 10000),
    "temperature": (0.0, 100.0),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """
    How to train, score and explain. Periods are in days, shares between 0 and 1.

    :raises InvalidConfig: if a number is out of its bounds
    """

    seed: int = 1
    components: int = 32
    epochs: int = 6
    learning_rate: float = 0.05
    threads: int = 1
    """More than one is faster, and the same seed no longer gives the same model."""
    half_life_days: float = 112.0
    """A purchase this old counts half."""
    window_days: int = 28
    """What a customer buys in so many days is what the model learns to rank."""
    windows: int = 6
    """How many such periods, counted back from the last day, are learned from."""
    shortened_share: float = 0.5
    """Of the customers in a period: how many are shown with a shortened history."""
    tokens: int = 40
    """How many categories of a history describe a customer, the weightiest first."""
    interest_days: float = 3.0
    """A declared interest counts like a purchase on so many days."""
    popularity_days: int = 28
    ranker_windows: int = 5
    """How many of the latest periods teach the re-ranker; 0: there is none."""
    ranker_trees: int = 200
    ranker_leaves: int = 15
    ranker_learning_rate: float = 0.06
    regression_strength: float = 1000.0
    """How many customers' purchases weigh as much as knowing nothing of an item."""
    discovery_share: float = 0.4
    """What LightFM says against what the customer's own frequency says."""
    discovery_every: int = 4
    """One of so many offers is for something new to the customer; 0: as it comes."""
    dismissal_penalty: float = 0.9
    """How much a fresh "not for me" takes off offers of the same kind."""
    dismissal_half_life_days: float = 56.0
    top: int = 10
    candidates: int = 40
    """So many targets new to a customer are looked at closely, and so many are kept."""
    temperature: float = 0.1
    """How freely offers are drawn, as a share of a customer's best value; 0: chosen."""
    sensitive: tuple[str, ...] = SENSITIVE
    """Words and phrases of category paths that are neither feature nor reason."""
    excluded_categories: tuple[str, ...] = ()
    """Places of products to leave out: category, department, path; exact names."""

    def __post_init__(self) -> None:
        """Refuse numbers out of bounds."""
        for name, (low, high) in _BOUNDS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                text = f"{name} is {value}; it must be from {low} to {high}."
                raise InvalidConfig(text)

    def as_dict(self) -> dict[str, object]:
        """Return the settings as plain values that JSON can hold."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, settings: Mapping[str, object]) -> Self:
        """
        Return the settings of :meth:`as_dict`.

        :raises InvalidConfig: if a name is unknown or a value of the wrong kind
        """
        defaults = {field.name: field.default for field in fields(cls)}
        unknown = sorted(set(settings) - set(defaults))
        if unknown:
            text = f"Unknown settings: {', '.join(unknown)}."
            raise InvalidConfig(text)
        values = {
            name: _like(name, defaults[name], value) for name, value in settings.items()
        }
        return cls(**values)  # type: ignore[arg-type]  # _like has checked each kind


def _like(name: str, default: object, value: object) -> object:
    """Return the value in the kind of its default."""
    if isinstance(default, tuple):
        if isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value):
            return tuple(value)
    elif isinstance(default, float):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        return value
    text = f"{name} cannot be {value!r}."
    raise InvalidConfig(text)
