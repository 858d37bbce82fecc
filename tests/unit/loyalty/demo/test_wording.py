"""The data's shorthand in plain words."""

import pytest

from loyalty.demo.wording import (
    brand_name,
    category_name,
    package_size,
    readable,
    slug,
)


class TestReadable:
    @pytest.mark.parametrize(
        ("shorthand", "plain"),
        [
            ("FRZN BREAKFAST FOODS", "Frozen breakfast foods"),
            ("SHREDDED CHEESE", "Shredded cheese"),
            ("EGGS - X-LARGE", "Eggs, x-large"),
            ("POTATOES RUSSET (BULK&BAG)", "Potatoes russet"),
            ("CHEESE CRACKERS (CHEEZ-ITS/GOL", "Cheese crackers"),
            ("", ""),
        ],
    )
    def test_says_it_in_words(self, shorthand: str, plain: str) -> None:
        assert readable(shorthand) == plain


class TestCategoryName:
    def test_is_what_a_shopper_would_say(self) -> None:
        assert category_name("FLUID MILK PRODUCTS") == "Milk"
        assert category_name("FROZEN PIZZA") == "Frozen pizza"
        assert category_name("") == "Other"


class TestSlug:
    def test_holds_letters_digits_and_hyphens(self) -> None:
        assert slug("Bread, buns and rolls") == "bread-buns-and-rolls"


class TestPackageSize:
    @pytest.mark.parametrize(
        ("size", "department", "shown"),
        [
            ("12.5 OZ", "GROCERY", "12.5 oz"),
            ("1 DZ", "GROCERY", "1 dozen"),
            ("AB    8 OZ", "GROCERY", "8 oz"),
            ("40 LB", "PRODUCE", ""),
            ("MINI", "FLORAL", ""),
        ],
    )
    def test_shows_sizes_that_a_shopper_sees(
        self, size: str, department: str, shown: str
    ) -> None:
        assert package_size(size, department=department) == shown


class TestBrandName:
    def test_is_another_for_each_maker(self) -> None:
        makers = set(range(1, 6478)) - {2}

        assert len({brand_name(maker) for maker in makers}) == len(makers)
        assert brand_name(2) is None
        assert brand_name(69) == "Lab"
