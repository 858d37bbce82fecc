"""Charts as they are drawn and told."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.core.texts import use_language
from loyalty.web.charts import (
    HEIGHT,
    WIDTH,
    Bin,
    Estimate,
    Part,
    Point,
    Share,
    bar_chart,
    interval_chart,
    line_chart,
    parts_chart,
    reliability_chart,
    share_chart,
)

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


estimates = st.lists(
    st.builds(
        Estimate,
        label=st.text(max_size=5),
        value=st.floats(0, 1),
        low=st.none() | st.floats(0, 1),
        high=st.none() | st.floats(0, 1),
    ),
    min_size=1,
    max_size=12,
)


class TestIntervalChart:
    def test_writes_each_figure_beside_its_dot(self) -> None:
        chart = interval_chart(
            [
                Estimate(label="Own", value=0.6, low=0.5, high=0.7),
                Estimate(label="Ours", value=0.65, low=0.6, high=0.7, ours=True),
            ],
            title="How good",
            held=0.6,
        )

        assert chart.count("dots-dot") == 2
        assert chart.count("dots-held") == 2
        assert chart.count("dots-ours") == 1
        row = "<th scope=row>Ours</th><td>0.650</td><td>0.600</td><td>0.700</td>"
        assert row in chart

    def test_runs_from_the_right_in_persian(self) -> None:
        two = [Estimate(label="a", value=0.0), Estimate(label="b", value=1.0)]

        with use_language("fa"):
            chart = interval_chart(two, title="x", percent=True)

        # Of 600: 8 of 116 parts on either side stay free.
        assert 'class="dots-dot" d="M558.6 12.0h' in chart
        assert "۱۰۰٪" in chart

    @given(estimates)
    def test_stays_inside_its_frame(self, given_ones: list[Estimate]) -> None:
        chart = interval_chart(given_ones, title="")

        found = re.findall(r'd="M(-?[\d.]+) 12\.0[hH]', chart)
        assert len(found) == 2 * len(given_ones)
        assert all(0 <= float(x) <= WIDTH for x in found)

    def test_says_so_when_there_is_nothing(self) -> None:
        assert "nothing to show yet" in interval_chart([], title="x")


class TestReliabilityChart:
    def test_names_the_largest_difference(self) -> None:
        chart = reliability_chart(
            [
                Bin(predicted=0.1, observed=0.12, count=50),
                Bin(predicted=0.4, observed=0.3, count=20, low=0.2, high=0.4),
            ],
            title="Promised",
        )

        assert "where 40% was said and 30% came true" in chart
        assert chart.count("<circle") == 2
        assert chart.count("dots-range") == 1

    def test_puts_a_perfect_prediction_on_the_diagonal(self) -> None:
        chart = reliability_chart(
            [Bin(predicted=0.25, observed=0.25, count=1)], title=""
        )

        # The axes end at the first round step that holds everything: 25 %.
        assert 'cx="264.0" cy="36.0"' in chart

    def test_runs_from_the_right_in_persian(self) -> None:
        with use_language("fa"):
            chart = reliability_chart(
                [Bin(predicted=0.25, observed=0.25, count=1)], title=""
            )

        assert 'cx="36.0" cy="36.0"' in chart

    def test_says_so_when_there_is_nothing(self) -> None:
        assert "nothing to show yet" in reliability_chart([], title="x")


class TestShareChart:
    def test_fills_the_whole_with_its_parts(self) -> None:
        chart = share_chart(
            [
                Share(label="Get offers", count=75, tone="good"),
                Share(label="Nothing", count=25),
            ],
            title="Customers",
        )

        assert 'aria-label="Customers: Get offers 75%; Nothing 25%"' in chart
        assert 'class="fill-plain" x="450.0" y="0" width="148.0"' in chart

    def test_says_so_when_nobody_is_there(self) -> None:
        assert "nothing to show yet" in share_chart(
            [Share(label="x", count=0)], title="x"
        )


class TestPartsChart:
    def test_draws_what_raises_and_what_lowers_to_different_sides(self) -> None:
        chart = parts_chart(
            [
                Part(label="Habit", value=2.0, words="much"),
                Part(label="Popular", value=-1.0, words="less"),
            ],
            title="Score",
        )

        assert 'class="fill-good" x="300.0" y="2" width="300.0"' in chart
        assert 'class="fill-warn" x="150.0" y="2" width="150.0"' in chart
        assert "<td>much</td><td>+2.00</td>" in chart
        assert "<td>less</td><td>−1.00</td>" in chart

    def test_lets_a_trifle_look_like_one(self) -> None:
        chart = parts_chart([Part(label="a", value=0.1, words="")], title="")

        assert 'width="30.0"' in chart
