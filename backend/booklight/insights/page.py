"""A report as one self-contained page: nothing is loaded from anywhere, and it runs no script."""

import re

import pygal
from jinja2 import Environment, PackageLoader, StrictUndefined
from pygal.style import Style

from booklight.insights.report import InsightsReport
from booklight.insights.tables import hidden

LABELS = {
    "sure": "Quoted, sure",
    "likely": "Quoted, likely",
    "cited": "Written, cited",
    "cited_by_words": "Written, cited by its words",
    "other": "Nothing to answer",
    "fallback": "Quoted in place of the model",
    "cut": "Cut off",
    "uncited": "Written, no passage says it",
    "refused": "Refused",
    "not_covered": "Not covered",
    "failed": "No answer",
}
"""What the page calls each tier."""
PERIODS = (7, 30, 90, 365)
"""The days that a live page can be of."""
FAR = 0.6
"""From this distance on, the nearest section hardly touches the question."""

_LEFT_OUT = re.compile(r"<!--.*?-->|<script.*?</script>", re.DOTALL)


def render_page(report: InsightsReport, *, live: bool = False, counts_url: str | None = None) -> str:
    """Return the page as HTML; a `live` one leads to other periods, and by `counts_url` to the counts in the book."""
    pages = Environment(
        loader=PackageLoader("booklight.insights"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return pages.get_template("page.html").render(
        report=report,
        periods=PERIODS if live else (),
        counts_url=counts_url,
        hidden=hidden(report),
        below=[gap for gap in report.gaps if gap.question is None],
        labels=LABELS,
        far=FAR,
        unanswered=sum(day.unanswered for day in report.days),
        days_chart=_days_chart(report),
        answers_chart=_answers_chart(report),
    )


def _days_chart(report: InsightsReport) -> str:
    """Return a bar a day, of what was answered and what was not."""
    chart = pygal.StackedBar(
        style=_style("var(--answered)", "var(--unanswered)"),
        js=(),
        disable_xml_declaration=True,
        width=960,
        height=280,
        show_legend=False,
        margin=10,
        spacing=4,
        x_labels=[f"{day.day:%d %b}" for day in report.days],
        x_labels_major_every=7,
        show_minor_x_labels=False,
        truncate_label=-1,
        value_formatter=lambda value: f"{value:.0f}",
        include_x_axis=True,
    )
    chart.add("Answered", [day.questions - day.unanswered for day in report.days])
    chart.add("Not answered", [day.unanswered for day in report.days])
    return _inline(chart)


def _answers_chart(report: InsightsReport) -> str:
    """Return a bar a tier."""
    chart = pygal.HorizontalBar(
        style=_style("var(--answered)"),
        js=(),
        disable_xml_declaration=True,
        width=960,
        height=60 + 34 * max(1, len(report.answers)),
        show_legend=False,
        margin=10,
        print_values=True,
        truncate_label=-1,
        value_formatter=lambda value: f"{value:.0f}",
        include_x_axis=True,
    )
    tiers = [*reversed(report.answers.items())]
    chart.x_labels = [LABELS.get(tier, tier) for tier, _ in tiers]
    chart.add("Answers", [count for _, count in tiers])
    return _inline(chart)


def _style(*colors: str) -> Style:
    """Return a style in the page's own colours, so that the charts are light and dark with it."""
    return Style(
        background="transparent",
        plot_background="transparent",
        foreground="var(--text)",
        foreground_strong="var(--text)",
        foreground_subtle="var(--line)",
        colors=colors,
        opacity="1",
        opacity_hover="1",
        transition="0s",
        font_family="inherit",
        label_font_size=13,
        major_label_font_size=13,
        value_font_size=13,
        value_colors=("var(--value)",),
    )


def _inline(chart: pygal.graph.graph.Graph) -> str:
    """Return a chart as SVG without its script, hidden from screen readers, which get the table beside it."""
    svg: str = chart.render(is_unicode=True)
    return _LEFT_OUT.sub("", svg).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
