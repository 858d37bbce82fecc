"""What must hold of every template and style sheet, read as text."""

import re
from itertools import product
from pathlib import Path

import pytest

LOYALTY = Path(__file__).parents[4] / "loyalty"
STYLES = LOYALTY / "web" / "styles"
TEMPLATES = sorted(LOYALTY.glob("**/templates/**/*.html"))

ENOUGH = 4.5
GROUNDS = ("paper", "card")
PAIRS = [
    *product(("ink", "ink-soft", "brand", "brand-strong", "bad"), GROUNDS),
    *((tone, f"{tone}-soft") for tone in ("brand", "good", "warn", "bad", "info")),
    ("quiet", "quiet-soft"),
    ("ink", "quiet-soft"),
    ("ink-soft", "quiet-soft"),
    ("ink", "brand-soft"),
    ("ink-soft", "brand-soft"),
    ("on-brand", "brand-fill"),
    ("bad", "bad-soft"),
]
BY_HASH = LOYALTY / "api" / "templates" / "api" / "docs.html"
"""The API's own page alone starts its viewer by a script that its policy names by
hash."""

PHYSICAL = re.compile(
    r"(?<![\w-])(?:margin|padding|border)-(?:left|right)|text-align:\s*(?:left|right)"
    r"|float:\s*(?:left|right)|(?<![\w-])(?:left|right):"
)


def tokens(sheet: str, *, dark: bool) -> dict[str, str]:
    """Return the colours of a sheet in one scheme, by name."""
    text = (STYLES / sheet).read_text(encoding="utf-8")
    light, _, rest = text.partition("@media (prefers-color-scheme: dark)")
    pattern = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6});")
    found = dict(pattern.findall(light))
    if dark:
        found |= dict(pattern.findall(rest.partition("\n}")[0]))
    return found


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_published() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("sheet", ["staff.css", "customer.css"])
class TestColours:
    def test_can_be_read_in_every_pair(self, sheet: str, *, dark: bool) -> None:
        found = tokens(sheet, dark=dark)

        faint = {
            f"{ink} on {ground}": round(contrast(found[ink], found[ground]), 2)
            for ink, ground in PAIRS
            if contrast(found[ink], found[ground]) < ENOUGH
        }

        assert faint == {}

    def test_show_the_edge_of_what_can_be_pressed(
        self, sheet: str, *, dark: bool
    ) -> None:
        found = tokens(sheet, dark=dark)

        assert all(contrast(found["edge"], found[ground]) >= 3 for ground in GROUNDS)


@pytest.mark.parametrize("sheet", sorted(STYLES.glob("*.css")), ids=lambda p: p.name)
def test_sheets_name_no_side(sheet: Path) -> None:
    assert PHYSICAL.findall(sheet.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda p: str(p.relative_to(LOYALTY))
)
class TestTemplate:
    def test_has_no_script_or_style_of_its_own(self, template: Path) -> None:
        text = template.read_text(encoding="utf-8")

        assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:|hx-on", text) == []
        if template != BY_HASH:
            assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []

    def test_loads_nothing_from_elsewhere(self, template: Path) -> None:
        text = template.read_text(encoding="utf-8")

        assert re.findall(r"(?:src|srcset|action)=[\"']?(?:https?:)?//", text) == []
        assert "|safe" not in text.replace(" ", "")

    def test_sends_the_token_with_every_form(self, template: Path) -> None:
        text = template.read_text(encoding="utf-8")

        form = re.compile(r"<form[^>]*method=.post.*?</form>", re.DOTALL)

        assert all("csrf" in found for found in form.findall(text))
