"""The engine against an oracle that tries everything and shares no code with it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.promotions.schema.cases import quote_of_case
from tests.oracle import Document, Oracle, Unit

SKUS = ("A", "B", "C")


def selectors() -> st.SearchStrategy[Document]:
    return st.sampled_from(
        [{"all": True}, *({"skus": list(s)} for s in ("A", "B", "AB", "BC", "ABC"))]
    )


def units_part() -> st.SearchStrategy[Document | None]:
    some = st.fixed_dictionaries(
        {
            "at_most": st.integers(1, 2),
            "which": st.sampled_from(["cheapest", "dearest"]),
        }
    )
    return st.one_of(st.none(), st.none(), some)


def rewards() -> st.SearchStrategy[Document]:
    percent = st.sampled_from(["7", "10", "12.5", "33", "50", "100"])
    amount = st.sampled_from(["0.03", "0.10", "0.50", "2.00"])
    counted = st.builds(
        lambda on, n: {**on, "quantity": n}, selectors(), st.integers(1, 2)
    )
    return st.one_of(
        st.fixed_dictionaries(
            {
                "percent_off": st.fixed_dictionaries(
                    {
                        "percent": percent,
                        "on": selectors(),
                        "units": units_part(),
                        "at_most": st.one_of(st.none(), st.none(), amount),
                    }
                )
            }
        ),
        st.fixed_dictionaries(
            {
                "amount_off": st.fixed_dictionaries(
                    {
                        "amount": amount,
                        "on": selectors(),
                        "per": st.sampled_from(["unit", "basket"]),
                        "units": units_part(),
                    }
                )
            }
        ),
        st.fixed_dictionaries(
            {
                "buy_get": st.fixed_dictionaries(
                    {
                        "buy": counted,
                        "get": st.builds(
                            lambda c, p: {**c, "percent": p}, counted, percent
                        ).filter(lambda get: get["quantity"] == 1),
                    }
                )
            }
        ),
    )


@st.composite
def situations(
    draw: st.DrawFn,
) -> tuple[list[Unit], list[Document], list[tuple[str, str, int]]]:
    count = draw(st.integers(1, 3))
    promotions: list[Document] = [
        {
            "code": f"p{age}",
            "name": {"en": "P"},
            "reward": draw(rewards()),
            "combines": draw(
                st.sampled_from(["not_on_same_units", "freely", "freely", "alone"])
            ),
            "limits": {
                "per_purchase": draw(st.sampled_from([None, None, 1])),
                "budget": draw(st.sampled_from([None, None, None, "0.40"])),
            },
        }
        for age in range(count)
    ]
    sharing = sum(p["combines"] == "freely" for p in promotions) > 1
    most = 4 if count > 2 else 5
    lines: list[tuple[str, str, int]] = []
    units: list[Unit] = []
    prices = {sku: draw(st.integers(1, 400)) for sku in SKUS}
    floors = {sku: draw(st.sampled_from([0, 0, 0, 30, 150])) for sku in SKUS}
    while len(units) < most and len(lines) < 4 and (not lines or draw(st.booleans())):
        sku = draw(st.sampled_from(SKUS))
        # Inside one line shares among units are nobody's business but the engine's.
        quantity = 1 if sharing else draw(st.integers(1, min(2, most - len(units))))
        line = str(len(lines) + 1)
        lines.append((line, sku, quantity))
        price, floor = prices[sku], min(floors[sku], prices[sku])
        units += [Unit(sku, line, price, floor)] * quantity
    return units, promotions, lines


class TestBestForCustomer:
    @settings(max_examples=500, deadline=None)
    @given(situations())
    def test_is_the_least_that_any_permitted_combination_costs(
        self,
        situation: tuple[list[Unit], list[Document], list[tuple[str, str, int]]],
    ) -> None:
        units, promotions, lines = situation
        price = {unit.sku: unit.price for unit in units}
        floor = {unit.sku: unit.floor for unit in units}

        quote = quote_of_case(
            {
                "programme": {"currency": "EUR"},
                "catalogue": [
                    {"sku": sku, "floor_price": f"{floor[sku] / 100:.2f}"}
                    for sku in price
                ],
                "promotions": promotions,
                "basket": {
                    "at": "2026-11-20T12:00:00+01:00",
                    "lines": [
                        {
                            "line": line,
                            "sku": sku,
                            "quantity": str(quantity),
                            "unit_price": f"{price[sku] / 100:.2f}",
                        }
                        for line, sku, quantity in lines
                    ],
                },
            }
        ).quote

        assert quote.optimal
        assert quote.net.amount == Oracle(units, promotions).least()
