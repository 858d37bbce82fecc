"""Why a promotion did not apply: the first reason, with its figures."""

from typing import Any

import pytest

from loyalty.promotions.schema import dump_quote, quote_of_case

Document = dict[str, Any]


def quoted(
    promotion: Document,
    *,
    customer: Document | None = None,
    basket: Document | None = None,
    **case: object,
) -> Document:
    basket = {
        "store": "1",
        "at": "2026-11-20T12:00:00+01:00",  # a Friday
        "payment": "card",
        "lines": [{"line": "1", "sku": "A", "quantity": "1", "unit_price": "10.00"}],
        **(basket or {}),
    }
    reward = {"percent_off": {"percent": "10", "on": {"skus": ["A"]}}}
    document = {"code": "p", "name": {"en": "P"}, "reward": reward, **promotion}
    return dump_quote(
        quote_of_case(
            {
                "programme": {"currency": "EUR", "time_zone": "Europe/Warsaw"},
                "promotions": [document],
                "customer": customer,
                "basket": basket,
                **case,
            }
        ).quote
    )


class TestMissed:
    @pytest.mark.parametrize(
        ("promotion", "expected"),
        [
            (
                {"valid": {"from": "2026-11-20T12:01"}},
                {"reason": "not_started"},
            ),
            ({"valid": {"until": "2026-11-20T12:00"}}, {"reason": "ended"}),
            ({"valid": {"stores": ["2"]}}, {"reason": "not_at_this_store"}),
            (
                {"valid": {"sales_channels": ["web"]}},
                {"reason": "not_in_this_channel"},
            ),
            ({"audience": {"tier": "gold"}}, {"reason": "for_members"}),
            ({"audience": {"not": {"tier": "gold"}}}, {"reason": "for_members"}),
            (
                {"requires": [{"quantity": {"of": {"all": True}, "at_least": 3}}]},
                {"reason": "quantity_short", "missing": 2},
            ),
            (
                {"requires": [{"spend": {"on": {"all": True}, "at_least": "12.30"}}]},
                {"reason": "spend_short", "short_by": "2.30"},
            ),
            ({"requires": [{"payment": ["cash"]}]}, {"reason": "other_payment"}),
            (
                {"audience": {"tier": "gold"}, "requires": [{"payment": ["cash"]}]},
                {"reason": "for_members"},
            ),
            (
                {
                    "reward": {
                        "buy_get": {
                            "buy": {"skus": ["A"], "quantity": 2},
                            "get": {"skus": ["A"], "quantity": 1, "percent": "100"},
                        }
                    }
                },
                {"reason": "quantity_short", "missing": 2},
            ),
            ({"limits": {"budget": "0.99"}}, {"reason": "used_up"}),
        ],
    )
    def test_names_the_reason(self, promotion: Document, expected: Document) -> None:
        quote = quoted(promotion)

        assert quote["missed"] == [{"promotion": "p", **expected}]
        assert quote["discount"] == "0.00"
        assert quote["applied"] == []

    @pytest.mark.parametrize(
        ("limits", "used", "reason"),
        [
            ({"per_customer": 2}, {"by_customer": 2}, "already_used"),
            ({"per_customer_per_day": 1}, {"today": 1}, "already_used"),
            ({"total": 9}, {"total": 9}, "used_up"),
            ({"budget": "5.00"}, {"given": "4.01"}, "used_up"),
        ],
    )
    def test_counts_what_was_used(
        self, limits: Document, used: Document, reason: str
    ) -> None:
        quote = quoted({"limits": limits}, customer={}, used={"p": used})

        assert quote["missed"] == [{"promotion": "p", "reason": reason}]
        assert quote["discount"] == "0.00"

    def test_gives_the_last_of_a_budget_whole(self) -> None:
        quote = quoted({"limits": {"budget": "5.00"}}, used={"p": {"given": "4.00"}})

        assert quote["discount"] == "1.00"
        assert quote["missed"] == []

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            ({"used": 1}, "code_used"),
            ({"expires": "2026-11-20T12:00:00+01:00"}, "code_expired"),
        ],
    )
    def test_refuses_codes_that_no_longer_count(
        self, code: Document, reason: str
    ) -> None:
        quote = quoted(
            {"trigger": "code"},
            codes=[{"code": "X", "promotion": "p", **code}],
            basket={"codes": ["X"]},
        )

        assert quote["missed"] == [{"promotion": "p", "reason": reason, "code": "X"}]
        assert quote["discount"] == "0.00"

    def test_does_not_mention_a_code_nobody_gave(self) -> None:
        assert quoted({"trigger": "code"})["missed"] == []

    def test_applies_a_personal_promotion_to_whom_it_was_offered(self) -> None:
        promotion = {"trigger": "personal"}

        assert quoted(promotion, customer={"offered": ["p"]})["discount"] == "1.00"
        assert quoted(promotion, customer={"offered": []})["discount"] == "0.00"
        assert quoted(promotion)["discount"] == "0.00"

    def test_says_nothing_of_what_does_not_touch_the_basket(self) -> None:
        reward = {"percent_off": {"percent": "10", "on": {"skus": ["Z"]}}}

        assert quoted({"reward": reward})["missed"] == []


class TestAudience:
    @pytest.mark.parametrize(
        ("audience", "customer", "met"),
        [
            ({"has_card": False}, None, True),
            ({"has_card": False}, {}, False),
            ({"any": [{"has_card": False}, {"tier": "gold"}]}, None, True),
            ({"not": {"has_card": True}}, None, True),
            (
                {"member_for_days": {"at_least": 20}},
                {"member_since": "2026-10-31"},
                True,
            ),
            (
                {"member_for_days": {"at_least": 21}},
                {"member_since": "2026-10-31"},
                False,
            ),
            ({"birthday_within_days": 0}, {"birthday": "1990-11-20"}, True),
            ({"birthday_within_days": 7}, {"birthday": "1990-11-13"}, True),
            ({"birthday_within_days": 7}, {"birthday": "1990-11-12"}, False),
            ({"birthday_within_days": 7}, {"birthday": "1990-11-21"}, False),
            ({"interested_in": ["drinks"]}, {"interests": ["drinks/tea"]}, True),
            ({"interested_in": ["drinks/tea"]}, {"interests": ["drinks"]}, False),
            (
                {"days_since_purchase": {"at_least": 5}},
                {"purchases": [{"at": "2026-11-15T23:59:00+01:00", "net": "1.00"}]},
                True,
            ),
            ({"days_since_purchase": {"at_least": 5}}, {"purchases": []}, False),
            (
                {"spent": {"at_least": "2.00", "within_days": 30}},
                {"purchases": [{"at": "2026-11-01T10:00:00+01:00", "net": "2.00"}]},
                True,
            ),
            ({"home_store": "1"}, {"home_store": "1"}, True),
            ({"language": "pl"}, {"language": "en"}, False),
        ],
    )
    def test_decides_who_gets_it(
        self, audience: Document, customer: Document | None, *, met: bool
    ) -> None:
        quote = quoted({"audience": audience}, customer=customer)

        assert quote["discount"] == ("1.00" if met else "0.00")

    def test_counts_29_february_as_the_28th(self) -> None:
        quote = quoted(
            {"audience": {"birthday_within_days": 0}},
            customer={"birthday": "1992-02-29"},
            basket={"at": "2026-02-28T12:00:00+01:00"},
        )

        assert quote["discount"] == "1.00"
