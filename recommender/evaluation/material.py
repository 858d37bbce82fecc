"""What an evaluation is given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from recommender.config import Config
from recommender.data import (
    Customer,
    PastCampaign,
    Product,
    Purchases,
    Response,
    day_of,
)
from recommender.splitting import Split
from recommender.training import Lesson, prepare


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Material:
    """The shop's books; ``campaigns`` and ``responses`` are those of the past."""

    purchases: Purchases
    customers: Sequence[Customer]
    products: Sequence[Product]
    campaigns: Sequence[PastCampaign] = ()
    responses: Sequence[Response] = ()

    def open_to_tuning(self, split: Split) -> "Material":
        """Return what may be seen when settings are chosen: the only way to it."""
        day = day_of(split.reserved_from)
        return replace(
            self,
            purchases=split.open_to_tuning(self.purchases),
            campaigns=[one for one in self.campaigns if one.end <= day],
            responses=[one for one in self.responses if one.day < day],
        )

    def lesson(self, config: Config) -> Lesson:
        """Return the books as a lesson, without declared interests."""
        return prepare(self.purchases, self.customers, self.products, config)
