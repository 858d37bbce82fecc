"""Small helpers of all pages."""

import pytest

from loyalty.core.texts import use_language
from loyalty.web.codes import qr_code
from loyalty.web.shop import minutes, week
from loyalty.web.surface import safe_next


class TestNext:
    @pytest.mark.parametrize("address", ["/till", "/admin/customers?after=3", "/"])
    def test_keeps_our_own_addresses(self, address: str) -> None:
        assert safe_next(address, otherwise="/x") == address

    @pytest.mark.parametrize(
        "address",
        [
            None,
            "",
            "till",
            "//evil.test",
            "/\\evil.test",
            "https://evil.test",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: b=c",
        ],
    )
    def test_leaves_everything_else(self, address: str | None) -> None:
        assert safe_next(address, otherwise="/x") == "/x"


class TestWeek:
    def test_begins_on_the_day_that_the_language_says(self) -> None:
        assert week() == (0, 1, 2, 3, 4, 5, 6)
        with use_language("fa"):
            assert week() == (5, 6, 0, 1, 2, 3, 4)

    def test_ends_a_day_at_midnight(self) -> None:
        assert [minutes(480), minutes(1440)] == ["08:00", "00:00"]


class TestQrCode:
    def test_scales_and_is_named(self) -> None:
        drawing = qr_code("https://shop.test/card", label='a "card"')

        assert drawing.startswith('<svg role="img" aria-label="a &#34;card&#34;" ')
        assert "viewBox" in drawing
        assert "width=" not in drawing.partition(">")[0]
        assert "style" not in drawing
