"""A small shop in which half of the customers have cats and half have babies."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from recommender.data import Customer, Product, Purchase, Purchases, day_of

FIRST = date(2026, 1, 1)
DAYS = 168
TREE = {
    "Dairy": ("Milk", "Cheese", "Yogurt"),
    "Pets": ("Cat food", "Cat litter", "Cat toys"),
    "Baby": ("Nappies", "Baby food", "Wipes"),
    "Bakery": ("Bread", "Cakes", "Rolls"),
    "Drinks": ("Juice", "Beer"),
}
PLAIN = ("Milk", "Cheese", "Yogurt", "Bread", "Cakes", "Rolls", "Juice", "Beer")
TASTES = (TREE["Pets"], TREE["Baby"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """The three tables."""

    purchases: Purchases
    customers: tuple[Customer, ...]
    products: tuple[Product, ...]

    @property
    def tomorrow(self) -> date:
        return day_of(int(self.purchases.days.max()) + 1)


def make_products() -> tuple[Product, ...]:
    return tuple(
        Product(sku=f"{category}-{n}", category=category, department=department)
        for department, categories in TREE.items()
        for category in categories
        for n in (1, 2)
    )


def make_rows(customer: int, chance: np.random.Generator) -> list[Purchase]:
    """Shop about weekly: bread and milk mostly, and what one's taste is."""
    taste = TASTES[customer % 2]
    rows = []
    for offset in range(int(chance.integers(7)), DAYS, 7):
        bought = {str(c) for c in chance.choice(PLAIN, 2, replace=False)}
        bought |= {"Milk"} if chance.random() < 0.7 else set()
        bought |= {str(chance.choice(taste))} if chance.random() < 0.6 else set()
        rows += [
            Purchase(
                customer=customer,
                product=f"{category}-{chance.integers(1, 3)}",
                day=FIRST + timedelta(days=offset),
                quantity=1,
                value=199,
            )
            for category in sorted(bought)
        ]
    return rows


def make_shop() -> Shop:
    chance = np.random.default_rng(7)
    ids = range(1, 121)
    rows = [row for customer in ids for row in make_rows(customer, chance)]
    return Shop(
        purchases=Purchases.of(rows),
        customers=tuple(Customer(id=i, store=f"S{i % 3}") for i in ids),
        products=make_products(),
    )
