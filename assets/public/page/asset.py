"""The asset `dashboard`: a release, with the public page and its data files."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, astuple, fields, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import dagster as dg
import pandas as pd

from assets.core.coded_failures import coded
from assets.core.constructs import CONSTRUCTS
from assets.core.errors import PublicationError, refuse_as
from assets.core.names import (
    CONSTRUCT_RELATIONS,
    DASHBOARD,
    FORECAST,
    PUBLIC_RECORDS,
    STUDY_REGISTER,
)
from assets.core.public_files import (
    DATA,
    EXPLORE,
    FACTS,
    FEED,
    MADE_OF,
    METADATA,
    NEXT_FACTS,
    NEXT_RELATIONS,
    PACKAGE,
    PAGE_OF_A_YEAR,
    PAGE_OF_ALL,
    PLANTED,
    RELATIONS,
    REVIEWED,
)
from assets.core.study_entries import Action
from assets.public.forecasting.vintages import Vintages
from assets.public.page.made_by import made_by
from assets.public.page.release_files import make_release
from assets.public.page.taken_back import notice_page, without
from assets.public.records.changes import with_newest
from assets.public.records.evidence import written_evidence
from assets.public.records.facts import MethodBreak, PageFacts
from assets.public.records.headlines import HeadlineColumn
from assets.public.records.released_data import ReleasedData, read_data, written_data, written_facts
from assets.released.public_event import PublicEvent
from assets.released.public_words import PublicWords
from assets.released.release_facts import release_facts
from assets.released.reviewed_facts import Reviewed, read
from resources.base.clock import Clock
from resources.base.files import PUBLIC_FILE, write_once
from resources.base.home import Home
from resources.stores.published.published_values import PublishedValues, state_of
from resources.stores.published.publishing import only_publisher
from resources.stores.published.releases import Laid, Releases, TakenBack
from resources.stores.study import gate
from resources.stores.study.harm_review import withheld_for_good, withheld_forecasts


def write_dashboard(
    home: Home, published_values: PublishedValues, vintages: Vintages, clock: Clock
) -> int:
    """Make a release of what is published, if anything is new. Returns the rows shown.

    What was taken back goes out of every release, also where none can be made.

    Raises:
        StorageError: `PUBLISHED_VALUES_NOT_READABLE`, `DISK_FULL`, `DISK_NOT_WRITABLE`; see
            `only_publisher`.
        PublicationError: see `make_release`.
    """
    # Read by who writes, or an older state could be written over a newer one.
    with only_publisher(home.public):
        releases, gone = Releases(home.public), published_values.retractions()
        try:
            vintages.withdraw(releases.not_yet_gone(gone))
            vintages.withdraw(gone, newest_only=True)
            vintages.withhold(withheld_for_good(home))
            published = published_values.read()
            shown = replace(vintages, left_out=withheld_forecasts(home))
            made_of = _made_of(home, published, published_values, shown, clock.now())
            _release(home, releases, made_of, gone, published_values.chain_head())
        finally:
            _take_out(home, releases, vintages, gone)
        releases.clear(_earlier_files(home))
        _truth_leaves(home)
        return len(published)


def _release(
    home: Home,
    releases: Releases,
    made_of: dict[str, bytes],
    gone: Sequence[TakenBack],
    chain_head: tuple[str, str],
) -> None:
    newest = max(releases.numbers(), default=0)
    digest = _digest(made_of)
    if newest and releases.manifest(newest).get("made_of") == digest and releases.is_whole(newest):
        # Nothing is new, or a publisher was killed before it led readers here.
        folder = releases.folder(newest)
        made = make_release({one: (folder / one).read_bytes() for one in made_of})
    else:
        facts = replace(read_data(made_of).facts, number=newest + 1)
        before = _before(releases, newest)
        facts = replace(
            facts, changes=with_newest(read_data(made_of).published, facts, before, gone)
        )
        made = make_release({**made_of, FACTS: written_facts(facts)})
        about = {
            "made_at": facts.made_at.isoformat(),
            "next_release": facts.next_update.isoformat(),
            "made_of": digest,
            "made_by": made_by(),
            "chain_head": dict(zip(("day", "head"), chain_head, strict=True)),
        }
        releases.add(newest + 1, made.files, about)
    write_once(home.public / FEED, made.feed, mode=PUBLIC_FILE)
    releases.point(made.front)


def _made_of(
    home: Home,
    published: pd.DataFrame,
    published_values: PublishedValues,
    vintages: Vintages,
    now: datetime,
) -> dict[str, bytes]:
    headline: dict[str, HeadlineColumn] = {
        region: home.config.headline_of(region) for region in home.regions
    }
    forecasts, without = vintages.newest_rows()
    # Made of another column before the headline was chosen anew: not a forecast of this line.
    of_lines = zip(forecasts["region"], forecasts["column"], strict=True)
    forecasts = forecasts.loc[[headline.get(region) == column for region, column in of_lines]]
    reviewed = _reviewed(home)
    facts = PageFacts(
        mode=home.config.mode,
        regions=home.config.regions,
        made_at=now,
        last_day=max(published["day"].to_list(), default=now.date()),
        release=release_facts(),
        headline=headline,
        daily_dots=home.config.daily_dots,
        member_bases=home.config.member_bases,
        breaks=_breaks(published_values.breaks()),
        contact=home.config.contact,
        no_forecast=without,
        closes_after_days=home.config.close_after_days,
        words=_words(home, reviewed),
        events=_events(home, reviewed),
        reviewed=reviewed,
        state=state_of(published),
        feed_id=sha256(f"tideline feed {home.config.home_id}".encode()).hexdigest()[:32],
    )
    relations = home.public / NEXT_RELATIONS
    return written_data(
        published,
        forecasts,
        vintages.past_lines(),
        vintages.scored(published),
        facts,
        relations.read_bytes() if relations.is_file() else None,
        # Read after the values, so that none of them closed since.
        written_evidence(published_values.evidence(), published),
    )


def _reviewed(home: Home) -> Reviewed:
    """What crossed the wall; without it what the newest release was made of, if it can be read.

    Raises:
        PublicationError: `RECORD_WORDS_MISSING` where the file is not as it was written.
    """
    taken = home.public / NEXT_FACTS
    if taken.is_file():
        missing = PublicationError("RECORD_WORDS_MISSING")
        with refuse_as(missing, ValueError, LookupError, TypeError):
            return read(taken.read_bytes())
    releases = Releases(home.public)
    for number in reversed(releases.numbers()):
        with suppress(OSError, ValueError, LookupError, TypeError):
            return read((releases.folder(number) / REVIEWED).read_bytes())
    return Reviewed()


def _words(home: Home, reviewed: Reviewed) -> PublicWords:
    """Of the register; what it lacks is as it was, for taking back asks for no register."""
    said = reviewed.page_words()
    if "" not in astuple(said):
        return said
    earlier = _earlier_words(Releases(home.public))
    kept = {name: one or getattr(earlier, name) for name, one in asdict(said).items()}
    return PublicWords(**kept)


def _earlier_words(releases: Releases) -> PublicWords:
    """Of the newest release whose facts can be read, whatever its data are like."""
    for number in reversed(releases.numbers()):
        with suppress(OSError, ValueError, LookupError, TypeError):
            found = json.loads((releases.folder(number) / FACTS).read_bytes())["words"]
            return PublicWords(**{one.name: str(found[one.name]) for one in fields(PublicWords)})
    return PublicWords()


def _events(home: Home, reviewed: Reviewed) -> list[PublicEvent]:
    """Signed events of regions that the home has."""
    return [
        PublicEvent(
            **{**one, "day": date.fromisoformat(one["day"]), "regions": tuple(one["regions"])}
        )
        for one in reviewed.words.get("events", ())
        if set(one["regions"]) <= set(home.regions)
    ]


def _before(releases: Releases, number: int) -> ReleasedData | None:
    """What a release was made of; None where an older version wrote it, or there is none."""
    folder = releases.folder(number)
    files = {one: (folder / one).read_bytes() for one in MADE_OF if (folder / one).is_file()}
    with suppress(PublicationError):
        return read_data(files)
    return None


def _digest(made_of: Mapping[str, bytes]) -> str:
    """Of all that a release says, but for its number and when it was made; and of who made it."""
    facts = json.loads(made_of[FACTS])
    for name in ("made_at", "number", "changes"):
        del facts[name]
    said = {name: sha256(one).hexdigest() for name, one in made_of.items() if name != FACTS}
    return sha256(json.dumps([facts, said, made_by()], sort_keys=True).encode()).hexdigest()


def _take_out(
    home: Home, releases: Releases, vintages: Vintages, gone: Sequence[TakenBack]
) -> None:
    new = releases.not_yet_gone(gone)
    # A half-written release shows all that the whole one would have.
    releases.clear(_earlier_files(home) if new else ())
    laid = releases.lay_tombstones(new, without)
    if gone and _front_shows(releases, laid, anything=bool(new)):
        # None could be made without what was taken back.
        releases.point(notice_page(new or gone, newest=""))
    for failure in laid.failed.values():
        raise failure
    if new:
        # Once more, for what was refused before would be forgotten once this is recorded.
        vintages.withdraw(new)
        releases.record_laid(gone)


def _front_shows(releases: Releases, laid: Laid, *, anything: bool) -> bool:
    """Whether the front page may show what was taken back."""
    pointed = releases.pointed()
    if pointed is None:
        # An earlier version's page: nobody can tell what it shows.
        return anything and releases.shows_a_page()
    number = pointed[0]
    known = number in releases.numbers() and number not in laid.failed
    return not releases.is_whole(number) or (anything and not known)


def _earlier_files(home: Home) -> list[str]:
    """What lay beside the page before releases had folders."""
    panels = [f"{name}-{region}" for name in CONSTRUCTS for region in home.regions]
    pictures = [f"{panel}.{kind}" for panel in panels for kind in ("svg", "png")]
    pages = [PAGE_OF_A_YEAR, PAGE_OF_ALL, EXPLORE]
    return [*pages, *pictures, DATA, METADATA, PACKAGE, RELATIONS]


def _truth_leaves(home: Home) -> None:
    """Of a demo that an earlier version made."""
    truth = home.public / PLANTED
    if truth.is_file():
        truth.rename(home.root / PLANTED)


def written_state(public: Path) -> str | None:
    """The state of the release that stands; None if there never was one."""
    pointed = Releases(public).pointed()
    return pointed[1] if pointed else None


def _breaks(table: pd.DataFrame) -> tuple[MethodBreak, ...]:
    return tuple(
        MethodBreak(
            day=row["day"],
            version_before=str(row["version_before"]),
            version_after=str(row["version_after"]),
            reason=str(row["reason"]),
        )
        for row in table.to_dict("records")
    )


@dg.asset(
    name=DASHBOARD,
    deps=[FORECAST, CONSTRUCT_RELATIONS, PUBLIC_RECORDS, STUDY_REGISTER],
    group_name="public",
    kinds={"html", "plotly"},
    owners=["team:data-engineering"],
    description=(
        "A release: the public page, its data and what they mean, from published values and their"
        " forecasts, and the records."
    ),
)
@coded
def dashboard(
    home: dg.ResourceParam[Home],
    published_values: dg.ResourceParam[PublishedValues],
    vintages: dg.ResourceParam[Vintages],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult:
    """Make a release."""
    gate.require(home, Action.PUBLISH, clock.today())
    rows = write_dashboard(home, published_values, vintages, clock)
    return dg.MaterializeResult(metadata={"published": rows})
