"""The pages of rewards and gift cards in the back office."""

from flask.testing import FlaskClient

from loyalty.core.database import Database
from loyalty.core.money import Money
from loyalty.giftcards.queries import get_account, get_policy
from loyalty.giftcards.service import issue_card
from loyalty.giftcards.values import GiftState
from loyalty.rewards.queries import get_reward, list_causes
from loyalty.sharing.queries import get_policy as sharing_policy
from loyalty.staff.values import Role
from tests.factories import NOW
from tests.integration.admin.conftest import SignIn
from tests.integration.admin.pages import Values, send, words

PAGE = "/admin/rewards"


class TestRewards:
    def test_are_saved_withdrawn_and_brought_back(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        form = {"code": "mug", "name": "Mug", "points": "۳۰۰", "kind": "article"}
        send(marketer, PAGE, {**form, "stock": "5"})
        send(marketer, f"{PAGE}/mug/withdraw", {})
        with database.transaction() as session:
            gone = get_reward(session, code="mug")
        send(marketer, PAGE, {**form, "points": "250"})
        with database.transaction() as session:
            back = get_reward(session, code="mug")

        assert (gone.points, gone.stock, gone.withdrawn_at) == (300, 5, NOW)
        assert (back.points, back.stock, back.withdrawn_at) == (250, None, None)
        assert "Mug" in words(marketer.get(PAGE))

    def test_that_are_wrong_say_so_at_the_field(self, marketer: FlaskClient) -> None:
        wrong = send(
            marketer, PAGE, {"code": "A B", "name": "", "points": "0", "kind": "coupon"}
        )

        assert wrong.status_code == 422
        for message in ("small letters", "Say a name", "Name the promotion"):
            assert message in words(wrong)

    def test_beside_them_causes_and_sharing_are_kept(
        self, marketer: FlaskClient, database: Database
    ) -> None:
        send(marketer, "/admin/causes", {"cause": "trees", "cause_name": "Trees"})
        send(marketer, f"{PAGE}/sharing", {"gifts_a_day": "50", "household_most": "2"})
        send(marketer, "/admin/causes/trees/end", {})

        with database.transaction() as session:
            (cause,) = list_causes(session, ended=True)
            policy = sharing_policy(session)
        assert (cause.name, cause.ended_at) == ({"en": "Trees"}, NOW)
        assert (policy.gifts_a_day, policy.household_most) == (50, 2)


class TestGiftCards:
    def test_are_blocked_for_a_reason(
        self, administrator: FlaskClient, database: Database
    ) -> None:
        with database.transaction() as session:
            ten = Money(amount=1000, currency="EUR")
            made = issue_card(session, face=ten, actor="staff:1", now=NOW)
        found = send(administrator, "/admin/gift-cards", {"code": made.code})
        path = found.headers["Location"]
        silent = send(administrator, path, {"do": "block", "reason": " "})
        send(administrator, path, {"do": "block", "reason": "Reported lost"})

        assert silent.status_code == 422
        with database.transaction() as session:
            card = get_account(session, account_id=made.account.id)
        assert card.state is GiftState.BLOCKED
        assert "blocked" in words(administrator.get(path))

    def test_have_a_policy(
        self, administrator: FlaskClient, database: Database
    ) -> None:
        form: Values = {
            "valid_days": "365",
            "least": "5.00",
            "most": "250",
            "most_balance": "500",
            "refund_days": "30",
        }
        wrong = send(
            administrator, "/admin/gift-cards/policy", {**form, "most": "1.00"}
        )
        send(administrator, "/admin/gift-cards/policy", form)

        assert wrong.status_code == 422
        with database.transaction() as session:
            policy = get_policy(session)
        assert (policy.valid_days, policy.least, policy.most) == (365, 500, 25_000)

    def test_are_not_for_cashiers(self, sign_in: SignIn) -> None:
        assert sign_in(Role.CASHIER).get("/admin/gift-cards").status_code == 403
