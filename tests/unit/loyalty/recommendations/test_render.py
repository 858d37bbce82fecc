import pytest

from loyalty.offers.values import NothingBecause
from loyalty.recommendations.render import nothing_sentence


class TestNothing:
    @pytest.mark.parametrize(
        ("because", "personalised", "expected"),
        [
            (None, True, "The next ones will come."),
            (
                NothingBecause.NOT_WANTED,
                True,
                "You said “not for me” to everything that is on just now.",
            ),
            (
                NothingBecause.NOT_WANTED,
                False,
                "Personal offers are off: nothing that you buy is looked at.",
            ),
        ],
    )
    def test_is_explained(
        self, because: NothingBecause | None, personalised: object, expected: str
    ) -> None:
        found = nothing_sentence(
            because, personalised=bool(personalised), language="en"
        )
        assert found == expected

    @pytest.mark.parametrize("language", ["en", "pl", "ru", "sl", "fa"])
    def test_is_a_sentence_of_its_own_for_every_reason(self, language: str) -> None:
        found = {
            nothing_sentence(because, personalised=True, language=language)
            for because in (*NothingBecause, None)
        }
        # Money that is spent and offers that lose money are no customer's business.
        assert len(found) == len(NothingBecause)
