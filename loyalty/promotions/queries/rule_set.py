"""The active promotions, read and indexed once for each version of the rule set."""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session

from loyalty.promotions.models import RuleSetRow
from loyalty.promotions.queries.stored import list_promotions
from loyalty.promotions.rules import Compiled, compile_promotions
from loyalty.promotions.values.states import PromotionState, StoredPromotion


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleSet:
    """
    The active promotions of one version, the older first.

    ``stored`` and ``compiled`` name the same promotion by the same age.
    """

    version: int
    stored: tuple[StoredPromotion, ...]
    compiled: Compiled

    @classmethod
    def of(cls, version: int, stored: Sequence[StoredPromotion]) -> "RuleSet":
        """Index promotions, the older first."""
        compiled = compile_promotions([one.promotion for one in stored])
        return cls(version=version, stored=tuple(stored), compiled=compiled)

    def trying(self, drafts: Sequence[StoredPromotion]) -> "RuleSet":
        """Return it with drafts, the youngest, in place of what has their codes."""
        tried = {draft.promotion.code for draft in drafts}
        kept = [one for one in self.stored if one.promotion.code not in tried]
        return RuleSet.of(self.version, [*kept, *drafts])


_known: WeakKeyDictionary[Engine | Connection, RuleSet] = WeakKeyDictionary()


def active_rules(session: Session) -> RuleSet:
    """
    Return what is active, as this process knows it if nothing has changed since.

    The version is read first: what is read after it is as new or newer, so a change
    in between is read again the next time and never missed.
    """
    bind = session.get_bind()
    version = session.scalars(select(RuleSetRow.version)).one()
    known = _known.get(bind)
    if known is None or known.version != version:
        active = list_promotions(session, states=[PromotionState.ACTIVE])
        known = _known[bind] = RuleSet.of(version, active)
    return known


def active_promotions(session: Session) -> tuple[StoredPromotion, ...]:
    """Return all active promotions, the older first."""
    return active_rules(session).stored
