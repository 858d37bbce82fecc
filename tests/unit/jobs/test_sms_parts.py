"""How many parts a text message takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.channels.sms import Encoding, measure

GSM, UCS = Encoding.GSM_7, Encoding.UCS_2
_EXTENDED = "^{}\\[~]|€\f"


class TestMeasuringAText:
    @pytest.mark.parametrize(
        ("text", "encoding", "units", "parts"),
        [
            ("", GSM, 0, 1),
            ("a" * 160, GSM, 160, 1),
            ("a" * 161, GSM, 161, 2),
            ("a" * 306, GSM, 306, 2),
            ("a" * 307, GSM, 307, 3),
            ("€" * 80, GSM, 160, 1),
            ("€" * 80 + "a", GSM, 161, 2),
            # 153 is odd: the pair that would be cut moves on and leaves a septet.
            ("€" * 152, GSM, 304, 2),
            ("€" * 153, GSM, 306, 3),
            ("a" + "€" * 152, GSM, 305, 2),
            ("ąbc", UCS, 3, 1),
            ("ą" * 70, UCS, 70, 1),
            ("ą" * 71, UCS, 71, 2),
            ("ą" * 134, UCS, 134, 2),
            ("ą" * 135, UCS, 135, 3),
            ("😀" * 35, UCS, 70, 1),
            ("😀" * 66, UCS, 132, 2),
            ("😀" * 67, UCS, 134, 3),
            ("سلام", UCS, 4, 1),
            ("à Å É ñ ß ¿ £", GSM, 13, 1),
            ("`", UCS, 1, 1),
        ],
    )
    def test_counts_exactly(
        self, text: str, encoding: Encoding, units: int, parts: int
    ) -> None:
        found = measure(text)

        assert (found.encoding, found.units, found.parts) == (encoding, units, parts)

    @given(st.text(alphabet="aZ5 \n€[]{}|~^\\", max_size=700))
    def test_agrees_with_cutting_the_septets(self, text: str) -> None:
        cut, rest = 1, text
        if sum(2 if c in _EXTENDED else 1 for c in text) > 160:
            cut = 0
            while rest:
                room, taken = 153, 0
                for letter in rest:
                    size = 2 if letter in _EXTENDED else 1
                    if room < size:
                        break
                    room, taken = room - size, taken + 1
                rest, cut = rest[taken:], cut + 1

        assert measure(text).parts == cut

    @given(st.text(max_size=400))
    def test_counts_what_utf_16_takes(self, text: str) -> None:
        found = measure(f"ł{text}")

        assert found.units == len(f"ł{text}".encode("utf-16-le", "surrogatepass")) // 2
        assert found.parts >= (1 if found.units <= 70 else -(-found.units // 67))
