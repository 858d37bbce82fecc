"""Charts as they are drawn and told."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.texts import use_language
from loyalty.web.charts import HEIGHT, WIDTH, Point, bar_chart, line_chart

points = st.lists(
    st.builds(Point, label=st.text(max_size=5), value=st.integers(0, 10**9)),
    min_size=1,
    max_size=60,
)


class TestChart:
    def test_tells_its_figures_to_who_can_not_see_it(self) -> None:
        chart = line_chart(
            [Point(label="May", value=1240), Point(label="June", value=8)],
            title="Visits",
        )

        assert 'role="img"' in chart
        assert (
            'aria-label="Visits: 1,240 at first, 8 at last; least 8 (June), '
            'most 1,240 (May)"' in chart
        )
        assert "<tr><th scope=row>May</th><td>1,240</td></tr>" in chart

    def test_runs_from_the_right_in_persian(self) -> None:
        two = [Point(label="a", value=0), Point(label="b", value=1)]

        with use_language("fa"):
            chart = line_chart(two, title="x")

        assert 'd="M600.0 152.0 L0.0 8.0"' in chart
        assert 'd="M0.0 152.0 L600.0 8.0"' in line_chart(two, title="x")

    def test_says_so_when_there_is_nothing(self) -> None:
        assert line_chart([], title="Visits") == (
            '<p class="chart-none">Visits: nothing to show yet</p>'
        )
        assert "<svg" not in bar_chart([], title="Visits")

    def test_escapes_labels(self) -> None:
        evil = "<script>"

        chart = bar_chart([Point(label=evil, value=1)], title=evil)

        assert evil not in chart

    @given(points)
    def test_stays_inside_its_frame(self, given_points: list[Point]) -> None:
        path = re.search(r'chart-line" d="([^"]+)"', line_chart(given_points, title=""))
        assert path is not None
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", path[1])]

        assert all(0 <= x <= WIDTH for x in numbers[::2])
        assert all(0 <= y <= HEIGHT for y in numbers[1::2])

    @pytest.mark.parametrize("count", [1, 2, 53])
    def test_draws_a_bar_for_each_figure(self, count: int) -> None:
        bars = bar_chart([Point(label="x", value=1)] * count, title="")

        assert bars.count('class="chart-bar"') == count
