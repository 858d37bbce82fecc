"""What every model can do."""

from typing import Protocol

from recommender.data import FloatArray
from recommender.features import Audience, Targets


class Model(Protocol):
    """
    A trained model.

    It changes nothing that it is given, and a customer's scores do not depend on
    who else is asked for: so customers can be scored in blocks, on any machine.
    """

    @property
    def name(self) -> str:
        """What to call it in a table."""

    def score(self, audience: Audience, targets: Targets) -> FloatArray:
        """
        Return (customers, targets): higher is more wanted, within a customer's row.

        All numbers are finite; the scales of different models do not compare.
        """
