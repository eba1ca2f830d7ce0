"""The validity report as one HTML page that needs no script and no other file."""

from dataclasses import asdict
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evaluation.validity.limits import falls_short, not_yet_shown
from evaluation.validity.report import ValidityReport
from evaluation.validity.sections import (
    accuracy_sections,
    bars_section,
    part_section,
    survey_section,
)
from evaluation.validity.targets import bar_results

_HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'none'"
)


def render_report(report: ValidityReport) -> str:
    """Render the page; the same report gives the same text.

    Args:
        report: see `load_report`.

    Returns:
        A whole HTML document that makes no request.
    """
    results = bar_results(report.accuracy)
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("validity.html").render(
        css=Markup((_HERE / "validity.css").read_text("utf-8")),  # noqa: S704 - our own file
        policy=POLICY,
        models=asdict(report.measured.models),
        command=report.measured.command,
        draws=report.accuracy.draws,
        falls_short=falls_short(results, report.accuracy),
        not_yet_shown=not_yet_shown(report),
        sections=[
            bars_section(results, report.measured),
            *accuracy_sections(report.accuracy, report.measured),
            *(part_section(part) for part in report.parts),
            survey_section(report),
        ],
    )
