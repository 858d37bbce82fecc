"""One run of a back-test, from claiming it to its answer."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from loyalty.core.database import Database
from loyalty.promotions.queries.recordings import Past, count_recorded
from loyalty.promotions.rules.backtesting import ALONE, Workforce, backtest
from loyalty.promotions.schema import load_promotion
from loyalty.promotions.service import backtests as service
from loyalty.promotions.values.backtests import (
    Backtest,
    BacktestID,
    BacktestState,
    Claimed,
    Scene,
)
from loyalty.stores.queries import get_programme
from loyalty.usecases.backtest_promotion.reading import A_WINDOW, Recordings
from loyalty.usecases.backtest_promotion.results import result_document
from loyalty.usecases.backtest_promotion.setting import assumptions, scene_of

Hire = Callable[[int], AbstractContextManager[Workforce]]
"""Gives who prices so many purchases, for as long as it takes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Clocks:
    """The shop's clock, and the machine's, which the demo does not move."""

    now: Callable[[], datetime]
    machine_now: Callable[[], datetime]


BUG: Final = "bug"
"""The problem of a run that ended by a mistake of ours."""


class _Lost(Exception):
    """The back-test was cancelled, or another run has it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ready:
    """Everything that a run needs before it reads."""

    scene: Scene
    past: Past
    total: int
    currency: str
    assumptions: tuple[str, ...]


def run_backtest(
    database: Database,
    *,
    backtest_id: BacktestID,
    clocks: Clocks,
    hire: Hire = lambda _purchases: nullcontext(ALONE),
    window: int = A_WINDOW,
) -> BacktestState | None:
    """
    Do a back-test that waits, telling its row after each window.

    :param window: how many purchases are read and priced at a time
    :returns: what became of it; None if there was nothing to do, or it was taken away
    """
    began = clocks.machine_now()
    with database.transaction() as session:
        claimed = service.claim(session, backtest_id=backtest_id, machine_now=began)
    if claimed is None:
        return None
    run = _Run(database, claimed, clocks)
    try:
        found = run.price(run.prepare(), hire, window)
        return run.finish(found, began)
    except _Lost:
        return None
    except Exception:
        run.fail()
        raise


class _Run:
    """The steps of one run; each says in the row how far it is."""

    def __init__(self, database: Database, claimed: Claimed, clocks: Clocks) -> None:
        self._database = database
        self._claimed = claimed
        self._clocks = clocks

    def prepare(self) -> _Ready:
        """Read the draft, what runs beside it, and how much there is to price."""
        asked = self._claimed.backtest
        past = Past(since=asked.since, until=asked.until)
        with self._database.transaction() as session:
            currency = get_programme(session).currency
            promotion = load_promotion(dict(asked.document), currency=currency)
            recorded = count_recorded(session, past=past)
            scene = scene_of(session, promotion=promotion, shoppers=recorded.shoppers)
        return _Ready(
            scene=scene,
            past=past,
            total=recorded.purchases,
            currency=currency,
            assumptions=tuple(assumptions(promotion, scene)),
        )

    def price(self, ready: _Ready, hire: Hire, window: int) -> tuple[_Ready, Backtest]:
        """
        Price everything.

        :raises _Lost: if the row is not this run's any more
        """

        def tell(done: int) -> None:
            with self._database.transaction() as session:
                self._keep(
                    service.advance(
                        session,
                        claimed=self._claimed,
                        done=done,
                        # Late receipts may be recorded meanwhile.
                        total=max(done, ready.total),
                        machine_now=self._clocks.machine_now(),
                    )
                )

        tell(0)
        recordings = Recordings(self._database, ready.scene, ready.past, size=window)
        with hire(ready.total) as workforce:
            found = backtest(
                ready.scene, recordings.windows(), workforce=workforce, tell=tell
            )
        return ready, found

    def finish(self, answer: tuple[_Ready, Backtest], began: datetime) -> BacktestState:
        """Keep the answer."""
        ready, found = answer
        seconds = (self._clocks.machine_now() - began).total_seconds()
        with self._database.transaction() as session:
            result = result_document(
                session,
                found,
                currency=ready.currency,
                assumptions=ready.assumptions,
            )
            self._keep(
                service.finish(
                    session,
                    claimed=self._claimed,
                    result=result,
                    seconds=seconds,
                    now=self._clocks.now(),
                )
            )
        return BacktestState.DONE

    def fail(self) -> None:
        """Say in the row that it came to nothing."""
        with self._database.transaction() as session:
            service.fail(
                session, claimed=self._claimed, problem=BUG, now=self._clocks.now()
            )

    @staticmethod
    def _keep(mine: bool) -> None:  # noqa: FBT001  # what every step answers
        if not mine:
            raise _Lost
