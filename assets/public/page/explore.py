"""`explore.html`: the same lines by Plotly, to zoom and to see earlier forecasts over what came."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import PublicationError
from assets.core.modes import Mode
from assets.core.public_files import PAGE
from assets.public.page.content_security import policy
from assets.public.page.narration import tell
from assets.public.page.page import panel_file
from assets.public.page.plot import shared_axes
from assets.public.page.templates import HERE, environment, text
from assets.public.records.facts import PageFacts
from assets.public.records.lines import Line
from assets.public.records.written import long_date

if TYPE_CHECKING:
    import plotly.graph_objects as go

PLOTLY = HERE / "vendor" / "plotly-basic.min.js"


def render_explore(lines: Sequence[Line], past_forecasts: pd.DataFrame, facts: PageFacts) -> str:
    """Render the page to explore; the same arguments give the same text.

    Args:
        lines: see `lines_of`.
        past_forecasts: columns region, construct, last_day, day and mean.
        facts: of the page.

    Returns:
        A whole HTML document of about 1.3 MB, with Plotly in it, that makes no request.

    Raises:
        PublicationError: `PAGE_MODE_REFUSED` in mode `discovery`.
    """
    if facts.mode == Mode.DISCOVERY:
        raise PublicationError("PAGE_MODE_REFUSED")
    # Plotly takes half a second to load, and most processes of the location write no page.
    from assets.public.page.explore_figures import figure_of  # noqa: PLC0415

    charts = []
    for construct in CONSTRUCTS:
        chosen = [line for line in lines if line.construct == construct]
        axes = shared_axes(chosen, daily_dots=facts.daily_dots)
        for line in chosen:
            past = past_forecasts.loc[
                (past_forecasts["region"] == line.region_id)
                & (past_forecasts["construct"] == construct)
            ]
            figure = figure_of(line, axes, past, daily_dots=facts.daily_dots)
            charts.append((panel_file(line), line, tell(line).headline, _json(figure)))
    plotly, boot = text(PLOTLY), text(HERE / "boot.js")
    return (
        environment()
        .get_template("explore.html")
        .render(
            page=PAGE,
            synthetic=facts.mode == Mode.SYNTHETIC,
            policy=policy([plotly, boot]),
            plotly=Markup(plotly),  # noqa: S704 - our own files, by hash
            boot=Markup(boot),  # noqa: S704
            css=Markup(text(HERE / "page.css")),  # noqa: S704
            last_day=long_date(facts.last_day),
            charts=charts,
        )
    )


def _json(figure: "go.Figure") -> Markup:
    """JSON that can stand inside a script element: nothing in it can end the element."""
    written = str(figure.to_json()).replace("<", "\\u003c").replace(">", "\\u003e")
    return Markup(written.replace("&", "\\u0026"))  # noqa: S704 - escaped just here
