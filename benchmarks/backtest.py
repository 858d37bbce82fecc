"""How many recorded baskets a back-test prices in a second.

``python -m benchmarks.backtest`` prices the demo shop's year, read from the package
that it comes in, with and without several drafts beside what the shop runs. Reading
from PostgreSQL is not in it; building the engine's values and the bootstrap are.
"""

import argparse
import os
import resource
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime
from itertools import islice
from multiprocessing import get_context
from typing import Final

from benchmarks._table import Table, show
from loyalty.core.money import Money
from loyalty.demo import assortment, coupons, history, shops
from loyalty.promotions.rules.backtesting import (
    Reach,
    Workforce,
    as_if_it_ran,
    backtest,
)
from loyalty.promotions.schema import load_promotion
from loyalty.promotions.values import (
    CustomerFacts,
    PointsRule,
    Product,
    Programme,
    Promotion,
    Strategy,
)
from loyalty.promotions.values.backtests import Bought, Scene, Window

NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
CURRENCY: Final = shops.PROGRAMME.currency
A_WINDOW: Final = 8_000
PARTS_A_PROCESS: Final = 2
DRAFTS: Final[dict[str, dict[str, object]]] = {
    "20% off coffee": {
        "reward": {
            "percent_off": {"percent": "20", "on": {"categories": ["grocery/coffee"]}}
        },
        "limits": {"per_customer_per_day": 1},
    },
    "3 for 2 on soft drinks": {
        "reward": {
            "buy_get": {
                "buy": {"categories": ["grocery/soft-drinks"], "quantity": 2},
                "get": {
                    "categories": ["grocery/soft-drinks"],
                    "quantity": 1,
                    "percent": "100",
                },
            }
        },
        "limits": {"budget": "5000.00"},
    },
    "10% off groceries": {
        "reward": {"percent_off": {"percent": "10", "on": {"categories": ["grocery"]}}},
    },
    "5% off from 30": {
        "requires": [{"spend": {"on": {"all": True}, "at_least": "30.00"}}],
        "reward": {"percent_off": {"percent": "5", "on": {"all": True}}},
    },
    "5% off everything": {
        "reward": {"percent_off": {"percent": "5", "on": {"all": True}}},
    },
}
"""From one that touches few baskets to one that touches all."""


class Shop:
    """The demo's year as values."""

    def __init__(self, baskets: int | None) -> None:
        year = history.read_history(None, now=NOW, progress=lambda *_: None)
        zone = shops.PROGRAMME.time_zone
        products = assortment.build_products(
            list(year.articles.values()),
            prices=year.prices,
            measured=assortment.measured_articles(year.baskets),
            currency=CURRENCY,
        )
        self.products = {
            one.sku: Product(
                sku=one.sku,
                categories=one.categories,
                brand=one.brand,
                tags=one.tags,
                weighed=one.weighed,
            )
            for one in products
        }
        self.bought = [
            Bought(
                id=basket.id,
                at=year.moment(basket),
                store=str(basket.store),
                sales_channel="till",
                currency=CURRENCY,
                payment=None,
                delivery=0,
                customer=int(basket.household),
                skus=tuple(str(line.product) for line in basket.lines),
                thousandths=tuple(line.quantity for line in basket.lines),
                unit_prices=tuple(
                    assortment.unit_price(line.gross, line.quantity)
                    for line in basket.lines
                ),
            )
            for basket in islice(year.baskets, baskets)
        ]
        self.customers = {
            int(household): CustomerFacts() for household in year.by_household()
        }
        rule = shops.PROGRAMME.points_rule
        programme = Programme(
            currency=CURRENCY,
            time_zone=zone,
            strategy=Strategy(shops.PROGRAMME.strategy),
            points=PointsRule(
                points=rule.points, per=Money(amount=100, currency=CURRENCY)
            ),
        )
        self.programmes = {str(basket.store): programme for basket in year.baskets}
        self.running = tuple(
            as_if_it_ran(load_promotion(document, currency=CURRENCY))
            for document in coupons.standing_promotions(today=NOW.date())
        )

    def scene(self, draft: Promotion) -> Scene:
        """Return what a back-test of the draft is made from."""
        return Scene(
            draft=as_if_it_ran(draft),
            others=self.running,
            programmes=self.programmes,
            shoppers=len(self.customers),
        )

    def windows(self, draft: Promotion) -> Iterator[Window]:
        """Give the year in windows."""
        reach = Reach(draft)
        for start in range(0, len(self.bought), A_WINDOW):
            slice_ = self.bought[start : start + A_WINDOW]
            yield Window(
                seen=len(slice_),
                baskets=tuple(
                    one for one in slice_ if reach.concerns(one.skus, self.products)
                ),
                products=self.products,
                customers=self.customers,
            )


def measure(shop: Shop, name: str, processes: int, executor: Executor | None) -> Table:
    """Return one row."""
    document = {"code": "draft", "name": {"en": name}, **DRAFTS[name]}
    draft = load_promotion(document, currency=CURRENCY)
    began = time.perf_counter()
    result = backtest(
        shop.scene(draft),
        shop.windows(draft),
        workforce=Workforce(executor=executor, parts=processes * PARTS_A_PROCESS),
    )
    seconds = time.perf_counter() - began
    table = Table(title="")
    table.add(
        draft=name,
        processes=processes,
        baskets=result.baskets,
        concerned=f"{result.concerned / result.baskets:.0%}",
        touched=f"{result.touched / result.baskets:.0%}",
        cost=result.cost / 100,
        unproven=result.unproven,
        seconds=seconds,
        baskets_a_second=round(result.baskets / seconds),
    )
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--baskets", type=int, help="only so many of the year's")
    parser.add_argument("--draft", choices=list(DRAFTS), action="append")
    parser.add_argument("--processes", type=int, default=2, help="at most")
    asked = parser.parse_args()
    began = time.perf_counter()
    shop = Shop(asked.baskets)
    read = time.perf_counter() - began
    table = Table(title="Back-test over the demo shop's year")
    for processes in sorted({1, asked.processes}):
        pool = (
            nullcontext()
            if processes == 1
            else ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
        )
        with pool as executor:
            if executor is not None:
                # Starting and importing is no pricing.
                list(executor.map(abs, range(4 * processes)))
            for name in asked.draft or DRAFTS:
                table.rows += measure(shop, name, processes, executor).rows
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    table.notes = [
        f"{len(shop.running)} promotions run beside each.",
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}.",
        f"The year, read in {read:.1f} s, is held whole: {peak} MB at most.",
        "Once a budget is spent, baskets are only counted.",
    ]
    show([table], as_json=asked.json)


if __name__ == "__main__":
    main()
