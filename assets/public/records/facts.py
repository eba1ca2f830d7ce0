"""What the public page says besides its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from assets.core.modes import Mode
from assets.core.public_files import DATA, METADATA, PACKAGE
from assets.public.forecasting.scores import BesideNoChange, HitRate
from assets.public.records.group_relations import Relation
from assets.public.records.headlines import HeadlineColumn
from assets.released.public_event import PublicEvent
from assets.released.public_words import PublicWords
from assets.released.release_facts import ReleaseFacts
from assets.released.reviewed_facts import Reviewed

TERMS = (
    "On any terms, the figures must not be used for staffing, management or labour relations: not"
    " to plan, judge, rank, reward or discipline workers, teams or employers, nor in a dispute."
)
"""What goes with every licence."""


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


@dataclass(frozen=True)
class Change:
    """What is new in one release.

    Attributes:
        number: of the release.
        made_at: when it was made; aware.
        words: whole sentences.
    """

    number: int
    made_at: datetime
    words: tuple[str, ...]

    def written(self) -> dict[str, Any]:
        """As JSON takes it."""
        made_at = self.made_at.isoformat()
        return {"release": self.number, "made_at": made_at, "words": list(self.words)}

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> "Change":
        """From what `written` gave."""
        made_at = datetime.fromisoformat(content["made_at"])
        return cls(content["release"], made_at, tuple(content["words"]))


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
        member_bases: on what bases members are read, as `home.yaml` states them.
        breaks: published changes of method, in any order.
        no_forecast: (region, construct) to the error code that says why there is none.
        hit_rates: (region, construct) to how its past forecasts did.
        hit_rates_by_week: (region, construct, weeks ahead) to the same of each week, from 1.
        beside_no_change: (region, construct) to how its past forecasts did beside "no change".
        closes_after_days: days after which a day closes.
        relations: rows of `construct_relations`; None where it has not run.
        csv_name: file name of the CSV that lies beside the page.
        metadata_name: file name of the description of its columns.
        package_name: file name of the data package.
        state: digest of what stood when the page was made, by `state_of`.
        number: of the release.
        feed_id: of the feed of releases, the same as long as the home is.
        changes: what was new in it and in those before, newest first.
        events: dated public events that two people have signed.
        words: who answers for the figures, and on what terms, by the study register.
        reviewed: what else crossed the wall, which the records are made of.
    """

    mode: Mode
    regions: Mapping[str, str]
    made_at: datetime
    last_day: date
    release: ReleaseFacts
    contact: str
    headline: Mapping[str, HeadlineColumn] = field(default_factory=dict)
    daily_dots: bool = False
    member_bases: Sequence[str] = ()
    breaks: Sequence[MethodBreak] = ()
    no_forecast: Mapping[tuple[str, str], str] = field(default_factory=dict)
    hit_rates: Mapping[tuple[str, str], HitRate] = field(default_factory=dict)
    hit_rates_by_week: Mapping[tuple[str, str, int], HitRate] = field(default_factory=dict)
    beside_no_change: Mapping[tuple[str, str], Sequence[BesideNoChange]] = field(
        default_factory=dict
    )
    closes_after_days: int = 3
    relations: Sequence[Relation] | None = None
    csv_name: str = DATA
    metadata_name: str = METADATA
    package_name: str = PACKAGE
    state: str = ""
    number: int = 1
    feed_id: str = ""
    changes: Sequence[Change] = ()
    events: Sequence[PublicEvent] = ()
    words: PublicWords = field(default_factory=PublicWords)
    reviewed: Reviewed = field(default_factory=Reviewed)

    @property
    def next_update(self) -> date:
        """The day of the next release, if a further day can be published."""
        return self.made_at.date() + timedelta(days=1)
