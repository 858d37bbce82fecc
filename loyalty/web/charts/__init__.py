"""
Charts drawn on the server as SVG, with the same figures in a table behind.

A chart is an image with a title and a description for those who can't see it;
colours come from the style sheet, so that it follows light and dark.
"""

from loyalty.web.charts.drawing import HEIGHT, WIDTH
from loyalty.web.charts.intervals import Estimate, interval_chart
from loyalty.web.charts.over_time import Point, bar_chart, line_chart
from loyalty.web.charts.parts import Part, parts_chart
from loyalty.web.charts.reliability import Bin, reliability_chart
from loyalty.web.charts.shares import Share, share_chart
from loyalty.web.charts.stacked import Bar, Kind, stacked_chart

__all__ = [
    "HEIGHT",
    "WIDTH",
    "Bar",
    "Bin",
    "Estimate",
    "Kind",
    "Part",
    "Point",
    "Share",
    "bar_chart",
    "interval_chart",
    "line_chart",
    "parts_chart",
    "reliability_chart",
    "share_chart",
    "stacked_chart",
]
