"""Taking over tables of another system: nothing half done, every mistake named."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from jobs.cli import commands
from loyalty.catalogue.models import ProductRow
from loyalty.catalogue.queries import get_product
from loyalty.core.database import Database
from loyalty.customers.models import CustomerRow
from loyalty.customers.queries import find_by_address, get_profile
from loyalty.customers.rules import Address
from loyalty.customers.values import Channel, ContactKind
from loyalty.offers.queries import past_campaigns, past_outlines
from loyalty.offers.values import PastCampaign, PastOffer, PastRedemption
from loyalty.purchases.models import PurchaseRow
from loyalty.purchases.queries import list_purchases
from tests.factories import STORE

SECRET = "long enough to be an installation's secret"  # noqa: S105  # a test's


Run = Callable[..., Result]


@pytest.fixture
def run(
    shared_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Run `loyalty import` on rows, against the test's database."""
    url = shared_database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("LOYALTY_DATABASE_URL", url)
    monkeypatch.setenv("LOYALTY_REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("LOYALTY_SECRET_KEY", SECRET)

    def call(kind: str, rows: Sequence[Mapping[str, str]], *options: str) -> Result:
        path = tmp_path / f"{kind}.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return CliRunner().invoke(commands, ["import", kind, str(path), *options])

    return call


def product(sku: str = "MILK", price: str = "1.29", **cells: str) -> dict[str, str]:
    row = {"sku": sku, "name": "Milk", "category": "dairy/milk", "price": price}
    return {**row, **cells}


def customer(email: str = "ola@example.org", **cells: str) -> dict[str, str]:
    row = {"email": email, "first_name": "Ola", "language": "pl"}
    agreed = {"enrolled_at": "2026-01-02T10:00", "marketing": "yes"}
    return {**row, **agreed, "personalisation": "yes", **cells}


def bought(receipt: str = "R1", **cells: str) -> dict[str, str]:
    row = {"store": STORE, "receipt": receipt, "at": "2026-03-29T12:30"}
    line = {"sku": "COFFEE", "quantity": "2", "unit_price": "4.99", "discount": "1.00"}
    return {**row, "customer": "ola@example.org", **line, **cells}


def offered(offer: str = "C1", **cells: str) -> dict[str, str]:
    row = {"campaign": "SPRING", "kind": "mailing", "first_day": "2026-03-01"}
    row |= {"last_day": "2026-03-31", "offer": offer, "reward": "coupon"}
    row |= {"percent": "20", "price": "4.99", "skus": "COFFEE TEA", "categories": ""}
    return {**row, **cells}


def reached(email: str = "ola@example.org", holdout: str = "no") -> dict[str, str]:
    return {"campaign": "SPRING", "customer": email, "holdout": holdout}


def redeemed(**cells: str) -> dict[str, str]:
    row = {"campaign": "SPRING", "offer": "C1", "customer": "ola@example.org"}
    return {**row, "day": "2026-03-12", **cells}


class TestProducts:
    def test_are_added_and_brought_up_to_date(
        self, run: Run, shared_database: Database
    ) -> None:
        run("products", [product()])

        done = run("products", [product(price="1.35", tags="organic local")], "--json")

        assert json.loads(done.stdout) == {"good": 1, "bad": 0, "saved": 1}
        with shared_database.transaction() as session:
            found = get_product(session, sku="MILK")
        assert str(found.price) == "1.35"
        assert found.tags == ("organic", "local")

    @pytest.mark.parametrize(
        ("cells", "column"),
        [
            ({"price": "1.299"}, "price"),
            ({"price": "-1.00"}, "price"),
            ({"price": ""}, "price"),
            ({"sku": ""}, "sku"),
            ({"category": "Dairy & Milk"}, "category"),
            ({"weighed": "perhaps"}, "weighed"),
        ],
    )
    def test_nothing_is_changed_while_a_row_is_at_fault(
        self,
        run: Run,
        shared_database: Database,
        cells: dict[str, str],
        column: str,
        tmp_path: Path,
    ) -> None:
        blank = {"weighed": ""}
        rows = [product("A", **blank), {**product("B", **blank), **cells}]

        done = run("products", rows)

        assert done.exit_code == 1
        assert f"row 2, {column}:" in done.stderr
        with shared_database.transaction() as session:
            known = session.scalar(select(func.count()).select_from(ProductRow))
        assert known == 4
        with (tmp_path / "products.csv.bad.csv").open() as file:
            (bad,) = csv.DictReader(file)
        assert (bad["row"], bad["column"]) == ("2", column)

    def test_good_rows_are_taken_over_when_asked(
        self, run: Run, shared_database: Database
    ) -> None:
        done = run("products", [product("A"), product("B", price="x")], "--skip-bad")

        assert done.exit_code == 1
        assert "1 good, 1 bad, 1 saved" in done.stdout
        with shared_database.transaction() as session:
            assert get_product(session, sku="A").name == "Milk"

    def test_a_dry_run_changes_nothing(
        self, run: Run, shared_database: Database
    ) -> None:
        done = run("products", [product()], "--dry-run")

        assert done.exit_code == 0
        assert "1 good, 0 bad, 0 saved" in done.stdout
        with shared_database.transaction() as session:
            assert session.get(ProductRow, "MILK") is None


class TestCustomersAndPurchases:
    def test_bring_consents_and_receipts(
        self, run: Run, shared_database: Database
    ) -> None:
        assert run("customers", [customer()]).exit_code == 0

        done = run("purchases", [bought(), bought(sku="TEA"), bought("R2")])

        assert done.exit_code == 0, done.output
        with shared_database.transaction() as session:
            address = Address(kind=ContactKind.EMAIL, value="ola@example.org")
            customer_id = find_by_address(session, address=address)
            assert customer_id is not None
            profile = get_profile(session, customer_id=customer_id)
            purchases = list_purchases(session, customer_id=customer_id)
        assert profile.first_name == "Ola"
        assert profile.preferences.personalised
        assert Channel.EMAIL in profile.marketing_channels
        assert [(p.receipt, p.net.amount) for p in purchases] == [
            ("R2", 898),
            ("R1", 1796),
        ]
        assert purchases[0].at.isoformat() == "2026-03-29T10:30:00+00:00"

    def test_are_taken_over_once(self, run: Run, shared_database: Database) -> None:
        run("customers", [customer()])
        run("purchases", [bought()])

        done = run("purchases", [bought(), bought("R2")])

        assert done.exit_code == 1
        assert "row 1, receipt: The store has recorded this receipt" in done.stderr
        with shared_database.transaction() as session:
            assert session.scalar(select(func.count()).select_from(PurchaseRow)) == 1

    def test_refuse_somebody_twice(self, run: Run, shared_database: Database) -> None:
        done = run("customers", [customer(), customer("OLA@example.org")])

        assert done.exit_code == 1
        assert "row 2, email: This address belongs to a member already." in done.stderr
        with shared_database.transaction() as session:
            members = session.scalar(select(func.count()).select_from(CustomerRow))
        assert members == 0

    @pytest.mark.parametrize(
        ("cells", "column"),
        [
            ({"quantity": "-1"}, "quantity"),
            ({"quantity": "0.0001"}, "quantity"),
            ({"unit_price": "4.999"}, "unit_price"),
            ({"discount": "99.00"}, "discount"),
            ({"store": "nowhere"}, "store"),
            ({"customer": "nobody@example.org"}, "customer"),
            ({"customer": "2401120000000009"}, "customer"),
            ({"at": "yesterday"}, "at"),
        ],
    )
    def test_name_the_column_at_fault(
        self, run: Run, shared_database: Database, cells: dict[str, str], column: str
    ) -> None:
        run("customers", [customer()])

        done = run("purchases", [bought(**cells)])

        assert done.exit_code == 1
        assert f"row 1, {column}:" in done.stderr
        with shared_database.transaction() as session:
            assert session.scalar(select(func.count()).select_from(PurchaseRow)) == 0


class TestCampaigns:
    def test_are_read_back_as_they_were(
        self, run: Run, shared_database: Database
    ) -> None:
        run("customers", [customer(), customer("ewa@example.org")])
        rows = [offered(), offered("C2", skus="", categories="drinks drinks/tea")]

        run("campaigns", rows)
        run("recipients", [reached(), reached("ewa@example.org", holdout="yes")])
        done = run("redemptions", [redeemed()], "--json")

        assert json.loads(done.stdout) == {"good": 1, "bad": 0, "saved": 1}
        with shared_database.transaction() as session:
            ola, ewa = (
                find_by_address(
                    session, address=Address(kind=ContactKind.EMAIL, value=address)
                )
                for address in ("ola@example.org", "ewa@example.org")
            )
            assert ola is not None
            assert ewa is not None
            (found,) = past_campaigns(session, customer_ids=[ola, ewa])
            (hers,) = past_campaigns(session, customer_ids=[ewa])
        assert found == PastCampaign(
            code="SPRING",
            kind="mailing",
            first_day=date(2026, 3, 1),
            last_day=date(2026, 3, 31),
            offers=(
                PastOffer(
                    code="C1",
                    skus=("COFFEE", "TEA"),
                    reward="coupon",
                    percent=20,
                    price=499,
                ),
                PastOffer(
                    code="C2",
                    categories=("drinks", "drinks/tea"),
                    reward="coupon",
                    percent=20,
                    price=499,
                ),
            ),
            reached=(ola,),
            held_out=(ewa,),
            redemptions=(PastRedemption(ola, "C1", date(2026, 3, 12)),),
        )
        assert (hers.reached, hers.held_out, hers.redemptions) == ((), (ewa,), ())

    @pytest.mark.parametrize(
        ("cells", "column"),
        [
            ({"last_day": "2026-02-01"}, "last_day"),
            ({"first_day": ""}, "first_day"),
            ({"kind": "letter"}, "campaign"),
            ({"offer": "C1"}, "offer"),
            ({"percent": "101"}, "percent"),
            ({"percent": "a fifth"}, "percent"),
            ({"skus": ""}, "skus"),
            ({"categories": "Drinks & Tea"}, "categories"),
        ],
    )
    def test_none_is_kept_while_a_row_is_at_fault(
        self,
        run: Run,
        shared_database: Database,
        cells: dict[str, str],
        column: str,
    ) -> None:
        done = run("campaigns", [offered(), {**offered("C2"), **cells}])

        assert done.exit_code == 1
        assert f"row 2, {column}:" in done.stderr
        with shared_database.transaction() as session:
            assert past_campaigns(session) == ()

    def test_one_is_not_taken_over_twice(
        self, run: Run, shared_database: Database
    ) -> None:
        run("campaigns", [offered()])

        again = run("campaigns", [offered("C2")])

        assert "row 1, campaign: There is a campaign with this code" in again.stderr
        with shared_database.transaction() as session:
            (found,) = past_campaigns(session)
        assert [offer.code for offer in found.offers] == ["C1"]


class TestRecipients:
    def test_come_after_their_campaign(self, run: Run) -> None:
        run("customers", [customer()])

        done = run("recipients", [reached()])

        assert "row 1, campaign: There is no such past campaign" in done.stderr

    def test_are_in_a_campaign_once(self, run: Run) -> None:
        run("customers", [customer()])
        run("campaigns", [offered()])

        done = run("recipients", [reached(), reached(holdout="yes")])

        assert "row 2, customer: The campaign has this customer" in done.stderr


class TestRedemptions:
    @pytest.mark.parametrize(
        ("cells", "column"),
        [
            ({"campaign": "AUTUMN"}, "campaign"),
            ({"offer": "C9"}, "offer"),
            ({"day": "2026-04-01"}, "day"),
            ({"day": "in March"}, "day"),
            ({"customer": "ewa@example.org"}, "customer"),
            ({"customer": "nobody@example.org"}, "customer"),
        ],
    )
    def test_none_is_kept_while_a_row_is_at_fault(
        self,
        run: Run,
        shared_database: Database,
        cells: dict[str, str],
        column: str,
    ) -> None:
        run("customers", [customer(), customer("ewa@example.org")])
        run("campaigns", [offered()])
        run("recipients", [reached(), reached("ewa@example.org", holdout="yes")])

        done = run("redemptions", [redeemed(), {**redeemed(), **cells}])

        assert done.exit_code == 1
        assert f"row 2, {column}:" in done.stderr
        with shared_database.transaction() as session:
            assert past_outlines(session)["SPRING"].redemptions == ()
