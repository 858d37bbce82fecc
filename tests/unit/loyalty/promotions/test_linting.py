"""What the check of a draft finds, and what it leaves alone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.core.money import Money
from loyalty.core.texts import LANGUAGES
from loyalty.promotions.render import finding_sentence
from loyalty.promotions.rules.audiences import meets
from loyalty.promotions.rules.compiling import compile_promotions
from loyalty.promotions.rules.linting import CHECKS, Article, LintFacts, lint
from loyalty.promotions.rules.linting.audiences import is_contradictory
from loyalty.promotions.rules.linting.dominance import always_loses
from loyalty.promotions.rules.pricing import price
from loyalty.promotions.schema import load_promotion
from loyalty.promotions.schema.audiences import AudienceField
from loyalty.promotions.schema.fields import CurrencyOfDocument
from loyalty.promotions.values import (
    Audience,
    Basket,
    BasketLine,
    CustomerFacts,
    Facts,
    PastPurchase,
    Product,
    Programme,
    Promotion,
    Selector,
    Strategy,
)
from loyalty.promotions.values.findings import (
    Finding,
    FindingCode,
    Severity,
    WorstBasket,
)
from loyalty.promotions.values.prices import PriorPrice

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WARSAW = ZoneInfo("Europe/Warsaw")
COFFEE = {"categories": ["drinks/coffee"]}
ALL = {"all": True}
Document = dict[str, Any]


def eur(cents: int) -> Money:
    return Money(amount=cents, currency="EUR")


def percent(number: str = "20", on: Document | None = None, **more: Any) -> Document:  # noqa: ANN401  # JSON
    return {"percent_off": {"percent": number, "on": on or COFFEE, **more}}


def promotion(code: str = "draft", **parts: Any) -> Promotion:  # noqa: ANN401  # JSON
    document = {"code": code, "name": {"en": code}, "reward": percent(), **parts}
    return load_promotion(document, currency="EUR")


def coffee(
    price_: int = 499, *, cost: int | None = None, floor: int | None = None
) -> Article:
    return Article(
        product=Product(
            sku="COFFEE",
            categories=("drinks/coffee",),
            cost=None if cost is None else eur(cost),
            floor_price=None if floor is None else eur(floor),
        ),
        price=eur(price_),
    )


def facts(draft: Promotion | None = None, **known: Any) -> LintFacts:  # noqa: ANN401  # its fields
    return LintFacts(
        **{
            "promotion": draft or promotion(limits={"budget": "100.00"}),
            "now": NOW,
            "zone": WARSAW,
            "strategy": Strategy.BEST_FOR_CUSTOMER,
            "articles": (coffee(),),
            "stores": frozenset({"324"}),
            "languages": ("en",),
            **known,
        }
    )


def found(draft: Promotion | None = None, **known: Any) -> dict[str, Finding]:  # noqa: ANN401  # its fields
    return {one.code.value: one for one in lint(facts(draft, **known))}


def worst(paid: int) -> WorstBasket:
    return WorstBasket(
        store="324",
        at=NOW,
        gross=eur(1_000),
        paid=eur(paid),
        without=eur(800),
        promotions=("draft", "coffee-20"),
        lines=(("COFFEE", Decimal(2)),),
        looked_at=400,
    )


class TestLint:
    def test_finds_nothing_wrong_with_a_plain_promotion(self) -> None:
        assert lint(facts()) == ()

    def test_puts_the_gravest_first(self) -> None:
        draft = promotion(valid={"until": "2026-11-24T00:00"})

        severities = [one.severity for one in lint(facts(draft, worst=worst(100)))]

        assert severities == [Severity.ERROR, Severity.WARNING, Severity.NOTE]

    def test_has_a_module_for_every_check(self) -> None:
        modules = [check.__module__ for check in CHECKS]

        assert len(set(modules)) == len(modules)


class TestTimes:
    @pytest.mark.parametrize(
        ("until", "over"),
        [("2026-11-24T13:00", True), ("2026-11-24T13:01", False)],
        ids=["noon in UTC", "a minute later"],
    )
    def test_look_at_the_clock_of_the_programme(self, until: str, over: bool) -> None:  # noqa: FBT001  # a case
        assert ("over" in found(promotion(valid={"until": until}))) is over

    @pytest.mark.parametrize(
        ("days", "never"),
        [(["mon"], True), (["thu"], False), (["tue"], False), (["sun"], True)],
        ids=str,
    )
    def test_look_for_a_window_before_the_end(
        self,
        days: list[str],
        never: bool,  # noqa: FBT001  # a case
    ) -> None:
        hours = {"days": days, "from": "10:00", "until": "18:00"}
        valid = {"until": "2026-11-27T00:00", "weekly": [hours]}

        assert ("never_in_the_week" in found(promotion(valid=valid))) is never

    def test_know_windows_that_last_into_the_next_day(self) -> None:
        hours = {"days": ["mon"], "from": "22:00", "until": "14:00"}
        valid = {"until": "2026-11-24T23:00", "weekly": [hours]}

        assert "never_in_the_week" not in found(promotion(valid=valid))

    def test_find_some_window_in_any_long_time(self) -> None:
        hours = {"days": ["mon"], "from": "10:00", "until": "18:00"}
        valid = {"until": "2026-12-24T00:00", "weekly": [hours]}

        assert "never_in_the_week" not in found(promotion(valid=valid))


class TestStores:
    @pytest.mark.parametrize(
        ("stores", "severity"),
        [(["324"], None), (["1", "324"], Severity.WARNING), (["1"], Severity.ERROR)],
        ids=str,
    )
    def test_are_those_that_there_are(
        self, stores: list[str], severity: Severity | None
    ) -> None:
        finding = found(promotion(valid={"stores": stores})).get("store_unknown")

        assert (finding and finding.severity) is severity


class TestChannels:
    @pytest.mark.parametrize(
        ("channels", "severity"),
        [
            (["till", "web"], None),
            (["till", "kiosk"], Severity.WARNING),
            (["kiosk"], Severity.ERROR),
        ],
        ids=str,
    )
    def test_are_those_that_baskets_come_from(
        self, channels: list[str], severity: Severity | None
    ) -> None:
        draft = promotion(valid={"sales_channels": channels})

        finding = found(draft).get("channel_unknown")

        assert (finding and finding.severity) is severity


class TestProducts:
    def test_are_missed_where_a_selector_matches_none(self) -> None:
        nothing = Selector(brands=("Nova",))

        finding = found(unmatched=(nothing,))["no_product"]

        assert finding.severity is Severity.ERROR
        assert finding.figures == {"what": nothing}
        assert finding.pointer == "/requires"


class TestSpends:
    @pytest.mark.parametrize(
        ("largest", "never"), [(8_999, True), (9_000, False), (None, False)]
    )
    def test_are_compared_with_the_largest_basket(
        self,
        largest: int | None,
        never: bool,  # noqa: FBT001  # a case
    ) -> None:
        spend = {"spend": {"on": ALL, "at_least": "90.00"}}
        known = None if largest is None else eur(largest)

        codes = found(promotion(requires=[spend]), largest_basket=known)

        assert ("spend_never_reached" in codes) is never


class TestMargins:
    @pytest.mark.parametrize(
        ("cost", "below"), [(398, False), (399, False), (400, True), (None, False)]
    )
    def test_compare_the_reduced_price_with_the_cost(
        self,
        cost: int | None,
        below: bool,  # noqa: FBT001  # a case
    ) -> None:
        assert ("below_cost" in found(articles=(coffee(cost=cost),))) is below

    def test_say_which_articles_and_by_how_much(self) -> None:
        finding = found(articles=(coffee(cost=420),))["below_cost"]

        assert finding.severity is Severity.WARNING
        assert finding.figures == {"count": 1, "most": eur(21)}
        (product,) = finding.products
        assert (product.price, product.reduced, product.limit) == (
            eur(499),
            eur(399),
            eur(420),
        )

    def test_leave_alone_what_is_sold_below_cost_already(self) -> None:
        assert "below_cost" not in found(articles=(coffee(cost=600),))

    @pytest.mark.parametrize(
        ("floor", "stops"), [(399, False), (400, True), (None, False)]
    )
    def test_tell_where_a_floor_stops_it(
        self,
        floor: int | None,
        stops: bool,  # noqa: FBT001  # a case
    ) -> None:
        codes = found(articles=(coffee(floor=floor),))

        assert ("floor_stops" in codes) is stops
        if stops:
            assert codes["floor_stops"].severity is Severity.NOTE

    @pytest.mark.parametrize(
        ("reward", "below"),
        [
            ({"amount_off": {"amount": "1.00", "on": COFFEE, "per": "unit"}}, True),
            ({"amount_off": {"amount": "0.50", "on": COFFEE, "per": "unit"}}, False),
            ({"fixed_price": {"price": "4.19", "on": COFFEE}}, True),
            ({"fixed_price": {"price": "4.20", "on": COFFEE}}, False),
            (percent("50", at_most="0.50"), False),
            (percent("50", {"skus": ["TEA"]}), False),
            (percent("50", ALL), True),
        ],
        ids=str,
    )
    def test_know_every_reward_on_single_articles(
        self,
        reward: Document,
        below: bool,  # noqa: FBT001  # a case
    ) -> None:
        codes = found(promotion(reward=reward), articles=(coffee(cost=420),))

        assert ("below_cost" in codes) is below


class TestBaskets:
    @pytest.mark.parametrize(("paid", "away"), [(501, False), (500, True), (0, True)])
    def test_are_given_away_from_half_on(
        self,
        paid: int,
        away: bool,  # noqa: FBT001  # a case
    ) -> None:
        codes = found(worst=worst(paid))

        assert ("gives_basket_away" in codes) is away
        if away:
            assert codes["gives_basket_away"].promotions == ("coffee-20",)
            assert codes["gives_basket_away"].basket == worst(paid)


class TestPriors:
    @pytest.mark.parametrize(
        ("lowest", "code"),
        [(400, "below_prior_price"), (399, "no_reduction"), (350, "no_reduction")],
    )
    def test_compare_with_the_lowest_price_before(self, lowest: int, code: str) -> None:
        prior = {"COFFEE": PriorPrice(lowest=eur(lowest), shelf=eur(lowest))}

        codes = found(prior=prior)

        assert {"below_prior_price", "no_reduction"} & codes.keys() == {code}
        assert codes[code].products[0].limit == eur(lowest)

    @pytest.mark.parametrize(
        "parts",
        [{"trigger": "code"}, {"audience": {"has_card": True}}],
        ids=["code", "members"],
    )
    def test_leave_out_what_announces_no_price(self, parts: Document) -> None:
        prior = {"COFFEE": PriorPrice(lowest=eur(499), shelf=eur(499))}

        codes = found(promotion(**parts), prior=prior)

        assert not {"below_prior_price", "no_reduction"} & codes.keys()


class TestLimits:
    @pytest.mark.parametrize(
        ("limits", "none"),
        [({}, True), ({"per_customer": 1}, True), ({"total": 9}, False)],
        ids=str,
    )
    def test_ask_for_a_budget_or_a_total(self, limits: Document, none: bool) -> None:  # noqa: FBT001  # a case
        assert ("no_limit" in found(promotion(limits=limits))) is none


class TestNames:
    def test_are_missed_in_languages_of_the_programme(self) -> None:
        assert "name_missing" not in found()
        finding = found(languages=("en", "pl", "fa"))["name_missing"]
        assert finding.figures == {"languages": ("pl", "fa")}


class TestOverlaps:
    @pytest.mark.parametrize(
        ("parts", "meets_"),
        [
            ({}, True),
            ({"reward": percent(on=ALL)}, True),
            ({"reward": percent(on={"skus": ["TEA"]})}, False),
            ({"reward": {"free_delivery": {}}}, False),
            ({"valid": {"from": "2026-12-01T00:00"}}, False),
            ({"valid": {"from": "2026-11-30T23:59"}}, True),
            ({"valid": {"stores": ["7"]}}, False),
            ({"valid": {"sales_channels": ["web"]}}, True),
        ],
        ids=str,
    )
    def test_are_in_time_place_and_articles(
        self,
        parts: Document,
        meets_: bool,  # noqa: FBT001  # a case
    ) -> None:
        draft = promotion(
            valid={"until": "2026-12-01T00:00", "stores": ["324"]},
            limits={"total": 9},
        )

        codes = found(draft, running=(promotion("other", **parts),))

        assert ("overlaps" in codes) is meets_
        if meets_:
            assert codes["overlaps"].promotions == ("other",)

    @pytest.mark.parametrize(
        ("combines", "twice"),
        [("freely", True), ("not_on_same_units", True), ("alone", False)],
    )
    def test_warn_of_two_percentages_on_the_whole_basket(
        self,
        combines: str,
        twice: bool,  # noqa: FBT001  # a case
    ) -> None:
        draft = promotion(reward=percent("10", ALL))
        other = promotion("other", reward=percent("20", ALL), combines=combines)

        codes = found(draft, running=(other,))

        assert ("two_whole_percentages" in codes) is twice
        if twice:
            figures = codes["two_whole_percentages"].figures
            assert figures == {"percent": Decimal(28)}


AUDIENCES: list[tuple[Document, bool]] = [
    ({"tier": "gold"}, False),
    ({"all": [{"tier": "gold"}, {"tier": "silver"}]}, True),
    ({"any": [{"tier": "gold"}, {"tier": "silver"}]}, False),
    ({"all": [{"tier": "gold"}, {"has_card": False}]}, True),
    ({"all": [{"not": {"tier": "gold"}}, {"has_card": False}]}, True),
    ({"all": [{"tier": "gold"}, {"not": {"tier": "gold"}}]}, True),
    ({"all": [{"has_card": True}, {"has_card": False}]}, True),
    ({"not": {"any": [{"tier": "gold"}, {"not": {"tier": "gold"}}]}}, True),
    ({"any": [{"all": [{"tier": "a"}, {"tier": "b"}]}, {"tier": "c"}]}, False),
    (
        {"all": [{"purchases": {"at_least": 5}}, {"purchases": {"below": 5}}]},
        True,
    ),
    (
        {
            "all": [
                {"purchases": {"at_least": 5, "within_days": 30}},
                {"purchases": {"below": 5, "within_days": 60}},
            ]
        },
        True,
    ),
    (
        {
            "all": [
                {"purchases": {"at_least": 5, "within_days": 60}},
                {"purchases": {"below": 5, "within_days": 30}},
            ]
        },
        False,
    ),
    (
        {
            "all": [
                {"member_for_days": {"at_least": 30}},
                {"member_for_days": {"below": 30}},
            ]
        },
        True,
    ),
    ({"all": [{"segment": "a"}, {"segment": "b"}]}, False),
]


def audience(document: Document) -> Audience:
    with CurrencyOfDocument("EUR"):
        read: Audience = AudienceField().deserialize(document)
    return read


LEAVES: list[Document] = [
    {"tier": "gold"},
    {"tier": "silver"},
    {"has_card": True},
    {"has_card": False},
    {"purchases": {"at_least": 1}},
    {"purchases": {"below": 2, "within_days": 30}},
    {"purchases": {"at_least": 2, "within_days": 10}},
    {"spent": {"at_least": "5.00", "within_days": 10}},
    {"spent": {"below": "5.00"}},
    {"days_since_purchase": {"at_least": 20}},
    {"days_since_purchase": {"below": 5}},
    {"member_for_days": {"at_least": 30}},
    {"member_for_days": {"below": 10}},
]


def trees() -> st.SearchStrategy[Document]:
    return st.recursive(
        st.sampled_from(LEAVES),
        lambda inner: st.one_of(
            inner.map(lambda part: {"not": part}),
            st.lists(inner, min_size=1, max_size=3, unique_by=str).map(
                lambda parts: {"all": parts}
            ),
            st.lists(inner, min_size=1, max_size=3, unique_by=str).map(
                lambda parts: {"any": parts}
            ),
        ),
        max_leaves=6,
    )


def customers() -> Iterator[CustomerFacts | None]:
    yield None
    histories = [
        (),
        (1,),
        (1, 2),
        (15,),
        (15, 16),
        (25,),
    ]
    for tier in ("gold", "silver", None):
        for joined in ("2026-11-20", "2026-01-01"):
            for days in histories:
                yield CustomerFacts(
                    tier=tier,
                    member_since=datetime.fromisoformat(joined).date(),
                    purchases=tuple(
                        PastPurchase(at=replace_day(day), net=eur(400)) for day in days
                    ),
                )


def replace_day(days_ago: int) -> datetime:
    return NOW.replace(day=24) - (NOW - NOW.replace(day=23)) * days_ago


CUSTOMERS = tuple(customers())


class TestAudiences:
    @pytest.mark.parametrize(("document", "nobody"), AUDIENCES, ids=str)
    def test_contradict_themselves_or_not(
        self,
        document: Document,
        nobody: bool,  # noqa: FBT001  # a case
    ) -> None:
        draft = promotion(audience=document, limits={"total": 9})

        assert ("nobody" in found(draft)) is nobody

    @given(trees())
    @settings(max_examples=300, deadline=None)
    def test_that_contradict_themselves_are_met_by_nobody(
        self, document: Document
    ) -> None:
        about = audience(document)

        if is_contradictory(about):
            for customer in CUSTOMERS:
                assert not meets(about, customer, at=NOW, zone=WARSAW)


REWARDS: list[Document] = [
    percent("20"),
    percent("20", {"skus": ["COFFEE", "TEA"]}),
    percent("30", {"categories": ["drinks"]}),
    percent("30", {"categories": ["drinks"], "except": {"skus": ["TEA"]}}),
    percent("30", ALL),
    percent("30", {"all": True, "except": {"skus": ["BREAD"]}}),
    percent("10", {"unit_price": {"below": "4.00"}}),
    percent("40", at_most="1.00"),
    percent("40", units={"at_most": 1, "which": "cheapest"}),
    {"fixed_price": {"price": "3.00", "on": COFFEE}},
    {"fixed_price": {"price": "2.50", "on": {"categories": ["drinks"]}}},
    {"amount_off": {"amount": "0.50", "on": COFFEE, "per": "unit"}},
    {"amount_off": {"amount": "1.00", "on": {"categories": ["drinks"]}, "per": "unit"}},
    {"amount_off": {"amount": "1.00", "on": ALL, "per": "basket"}},
]
CATALOGUE = {
    "COFFEE": Product(sku="COFFEE", categories=("drinks/coffee",)),
    "TEA": Product(sku="TEA", categories=("drinks/tea",)),
    "BREAD": Product(sku="BREAD", categories=("bakery/bread",)),
}
PRICES = {"COFFEE": 499, "TEA": 350, "BREAD": 220}


@st.composite
def offers(draw: st.DrawFn, code: str) -> Promotion:
    return promotion(
        code,
        reward=draw(st.sampled_from(REWARDS)),
        combines=draw(st.sampled_from(["freely", "not_on_same_units", "alone"])),
        requires=draw(
            st.sampled_from([[], [{"quantity": {"of": COFFEE, "at_least": 2}}]])
        ),
        limits=draw(st.sampled_from([{}, {"per_customer": 1}])),
        priority=draw(st.integers(0, 1)),
        valid=draw(st.sampled_from([{}, {"sales_channels": ["till"]}])),
    )


class TestDominance:
    @pytest.mark.parametrize(
        ("mine", "theirs", "loses"),
        [
            ({}, {}, True),
            ({}, {"reward": percent("19")}, False),
            ({}, {"reward": percent("30", {"categories": ["drinks"]})}, True),
            ({}, {"reward": percent("30", {"skus": ["COFFEE"]})}, False),
            ({"combines": "freely"}, {"combines": "freely"}, False),
            ({}, {"combines": "freely"}, True),
            ({}, {"combines": "alone"}, False),
            ({"combines": "alone"}, {"combines": "alone"}, True),
            ({"reward": percent("10", ALL)}, {"reward": percent("20", ALL)}, False),
            ({}, {"limits": {"total": 100}}, False),
            ({}, {"trigger": "code"}, False),
            ({}, {"audience": {"tier": "gold"}}, False),
            ({"audience": {"tier": "gold"}}, {"audience": {"tier": "gold"}}, True),
            ({}, {"valid": {"until": "2027-01-01T00:00"}}, False),
            ({"valid": {"stores": ["1"]}}, {"valid": {"stores": ["1", "2"]}}, True),
        ],
        ids=str,
    )
    def test_needs_another_that_gives_more_wherever_it_applies(
        self,
        mine: Document,
        theirs: Document,
        loses: bool,  # noqa: FBT001  # a case
    ) -> None:
        draft = promotion(**{"limits": {"total": 9}, **mine})

        codes = found(draft, running=(promotion("other", **theirs),))

        assert ("always_loses" in codes) is loses

    @given(
        offers("draft"),
        offers("other"),
        st.lists(
            st.tuples(st.sampled_from(sorted(PRICES)), st.integers(1, 3)),
            min_size=1,
            max_size=3,
        ),
        st.sampled_from(Strategy),
    )
    @settings(max_examples=400, deadline=None)
    def test_leaves_the_draft_no_more_than_rounding(
        self,
        draft: Promotion,
        other: Promotion,
        bought: list[tuple[str, int]],
        strategy: Strategy,
    ) -> None:
        if not always_loses(draft, other, strategy):
            return
        basket = Basket(
            store="324",
            sales_channel="till",
            at=NOW,
            currency="EUR",
            lines=tuple(
                BasketLine(
                    line=str(at),
                    sku=sku,
                    quantity=Decimal(count),
                    unit_price=eur(PRICES[sku]),
                )
                for at, (sku, count) in enumerate(bought)
            ),
        )

        def to_pay(*promotions: Promotion) -> int:
            return price(
                compile_promotions(promotions),
                basket,
                facts=Facts(catalogue=CATALOGUE, customer=CustomerFacts()),
                programme=Programme(
                    currency="EUR", time_zone=WARSAW, strategy=strategy
                ),
            ).net.amount

        # Percentages of some units each, rounded apart, may gain half a cent a unit.
        units = sum(count for _sku, count in bought)
        assert 0 <= to_pay(other) - to_pay(other, draft) <= units / 2


FIGURES: dict[str, Any] = {
    "until": NOW,
    "start": NOW,
    "what": Selector(brands=("Nova",)),
    "stores": ("1",),
    "channels": ("kiosk",),
    "spend": eur(100),
    "largest": eur(100),
    "most": eur(100),
    "gross": eur(100),
    "paid": eur(100),
    "without": eur(100),
    "share": Decimal("0.5"),
    "percent": Decimal(28),
    "count": 3,
    "languages": ("pl",),
}


class TestFindingSentence:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_says_every_finding_in_every_language(self, language: str) -> None:
        told = {
            finding_sentence(
                Finding(
                    code=code,
                    severity=Severity.NOTE,
                    figures=FIGURES,
                    promotions=("other",),
                ),
                language,
            )
            for code in FindingCode
        }

        assert len(told) == len(FindingCode)
        assert all(sentence.endswith(".") for sentence in told)

    def test_names_the_figures(self) -> None:
        finding = found(articles=(coffee(cost=420),))["below_cost"]

        assert finding_sentence(finding, "en") == (
            "It sells 1 article below its cost, by up to €0.21 a unit."
        )
