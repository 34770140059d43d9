"""Charts of the brief: Altair specifications, drawn offline, each with its message and what it shows.

Bands are 50 and 90 %; small multiples share their axes; an option keeps its colour and shape, and its name stands
beside the mark instead of a legend.
"""

from excomm.brief.charts.escalation import escalation_chart, nuclear_chart
from excomm.brief.charts.look import Chart
from excomm.brief.charts.series import series_chart
from excomm.brief.charts.weighing import drivers_chart, support_chart, triangle_chart

__all__ = [
    "Chart",
    "drivers_chart",
    "escalation_chart",
    "nuclear_chart",
    "series_chart",
    "support_chart",
    "triangle_chart",
]
