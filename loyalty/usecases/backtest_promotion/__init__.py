"""What a promotion would have done on the purchases that the shop has recorded."""

from loyalty.usecases.backtest_promotion.asking import PeriodAskedFor, ask_backtest
from loyalty.usecases.backtest_promotion.running import Clocks, run_backtest

__all__ = ["Clocks", "PeriodAskedFor", "ask_backtest", "run_backtest"]
