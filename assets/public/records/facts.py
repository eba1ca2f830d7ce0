"""What the public page says besides its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from assets.core.modes import Mode
from assets.core.public_files import DATA, METADATA, PACKAGE
from assets.public.forecasting.scores import HitRate
from assets.public.records.group_relations import Relation
from assets.public.records.headlines import HeadlineColumn
from assets.released.release_facts import ReleaseFacts


@dataclass(frozen=True)
class MethodBreak:
    """A change of the release or scoring method that was published.

    Attributes:
        day: first day of the new version.
        version_before: version until the day before.
        version_after: version from that day on.
        reason: public words.
    """

    day: date
    version_before: str
    version_after: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PageFacts:
    """Facts of one page.

    Attributes:
        mode: of the home; `discovery` is refused when the page is rendered.
        regions: region id to display name, in the order shown.
        made_at: when the page was made; aware.
        last_day: last day that could have been published; the lines end here.
        release: public constants of the release.
        contact: an e-mail address, an https address, or plain words.
        headline: region id to the published column that its line shows; 7-day means where it
            has none.
        daily_dots: whether single days are shown as dots, too.
        breaks: published changes of method, in any order.
        no_forecast: (region, construct) to the error code that says why there is none.
        hit_rates: (region, construct) to how its past forecasts did.
        relations: rows of `construct_relations`; None where it has not run.
        csv_name: file name of the CSV that lies beside the page.
        metadata_name: file name of the description of its columns.
        package_name: file name of the data package.
        state: digest of what stood when the page was made, by `state_of`.
    """

    mode: Mode
    regions: Mapping[str, str]
    made_at: datetime
    last_day: date
    release: ReleaseFacts
    contact: str
    headline: Mapping[str, HeadlineColumn] = field(default_factory=dict)
    daily_dots: bool = False
    breaks: Sequence[MethodBreak] = ()
    no_forecast: Mapping[tuple[str, str], str] = field(default_factory=dict)
    hit_rates: Mapping[tuple[str, str], HitRate] = field(default_factory=dict)
    relations: Sequence[Relation] | None = None
    csv_name: str = DATA
    metadata_name: str = METADATA
    package_name: str = PACKAGE
    state: str = ""
