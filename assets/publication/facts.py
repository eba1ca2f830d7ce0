"""What the public page says besides its numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from assets.governance.modes import Mode


def thresholds_only(groups: int, people: int) -> str:
    """The release rule in words while there is no noise.

    Args:
        groups: groups that a region-day needs, from 1.
        people: people that a region-day needs, from 1.

    Returns:
        A sentence without its full stop, as `PageFacts.release_rule` wants it.
    """
    return f"Released by thresholds only ({groups} groups, {people} people), without noise"


@dataclass(frozen=True, kw_only=True)
class PageFacts:
    """Facts of one page.

    Attributes:
        mode: of the home; `discovery` is refused when the page is rendered.
        regions: region id to display name, in the order shown.
        made_at: when the page was made; aware.
        last_day: last day that could have been published; the lines end here.
        release_rule: one sentence without its full stop.
        contact: an e-mail address, an https address, or plain words.
        no_forecast: (region, construct) to the error code that says why there is none.
        forecast_of: the published column that was forecast; the page names it.
        csv_name: file name of the CSV that lies beside the page.
    """

    mode: Mode
    regions: Mapping[str, str]
    made_at: datetime
    last_day: date
    release_rule: str
    contact: str
    no_forecast: Mapping[tuple[str, str], str] = field(default_factory=dict)
    forecast_of: Literal["estimate", "value_7d"] = "estimate"
    csv_name: str = "latest.csv"
