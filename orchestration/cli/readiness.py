"""`tideline readiness`: what each region can publish, told from the register alone."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated

import typer
from rich.table import Table

from assets.core.delivery_rhythm import Rhythm
from assets.core.errors import PartitionError
from assets.core.modes import may_publish
from assets.released.thresholds import MIN_BATCH, MIN_GROUPS
from assets.restricted.release.closing import may_close
from evaluation.readiness.closing_advice import closing_advice
from evaluation.readiness.first_value import first_value, simulated_spans
from evaluation.readiness.group_status import GroupStatus, group_status
from evaluation.readiness.publishable import (
    DAILY,
    FOUR_WEEKLY,
    LARGEST_CHANGE_TO_SHOW,
    LEAST_WITH_VALUE,
    MOST_FURTHER_GROUPS,
    WEEKLY,
    Outlook,
    PublishableLine,
    Readiness,
    readiness,
)
from orchestration.cli.console import screen, table
from orchestration.cli.session import Session, open_session
from resources.stores.consent.consent_span import ConsentSpan
from resources.stores.release.closing import Closing
from resources.stores.release.release_store import ReleaseStore
from simulation.region import REGIONS, SEED, Assumed, days_with_enough_groups

_REASONS = {
    "TOO_FEW_GROUPS": "fewer than 5 groups",
    "LARGEST_TOO_LARGE": "one group too large",
    "TOP_TWO_TOO_LARGE": "two groups too large",
    "TOO_FEW_PEOPLE": "fewer than 30 people",
}
_SHOWN_AT_LEAST = 0.005


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("readiness")
    def readiness_of_regions(
        region: Annotated[
            str | None, typer.Option(help="Only this region; else every one of home.yaml.")
        ] = None,
        median_size: Annotated[
            float, typer.Option(min=3, max=2000, help="Members of the middle group, assumed.")
        ] = Assumed.median_size,
        posting: Annotated[
            float,
            typer.Option(
                min=0.01, max=0.9, help="Share of members who write on a weekday, assumed."
            ),
        ] = Assumed.posting,
        rhythm: Annotated[
            Rhythm | None,
            typer.Option(
                help="How often exports come (default: as the region's slowest group agreed)."
            ),
        ] = None,
        missed: Annotated[
            float, typer.Option(min=0, max=0.9, help="Share of deliveries that don't come.")
        ] = 0.0,
        opt_in: Annotated[
            float | None,
            typer.Option(
                min=0.01, max=1, help="Share of members who opt in, where only they are read."
            ),
        ] = None,
        objections: Annotated[
            float, typer.Option(min=0, max=0.99, help="Share of members who object.")
        ] = 0.0,
        groups: Annotated[
            int | None,
            typer.Option(
                min=1,
                max=200,
                help="What if a region had so many groups, each of an employer of its own, from"
                " today on? The register is then left out.",
            ),
        ] = None,
    ) -> None:
        """Tell what each region can publish: daily values, a 7-day or a 4-weekly line, or nothing.

        It reads the consent register and nothing that groups wrote, costs no privacy budget, and
        works before the first export. Made-up regions of as many groups and employers go through
        the release rules: a day needs 5 groups of different employers and 30 people, and no group
        may outweigh the others. A line is recommended if in 4 of 5 made-up regions it has a value
        on 4 days of 5 (4-weekly: in 4 weeks of 5) and can show a change of 0.12.

        With --rhythm, --missed, --opt-in and --objections it says what they cost, and after how
        many days region-days should close.

        It says the earliest day on which the line can have a value, and when that day closes.

        Group sizes and posting are assumed. Once you know your groups, say so with --median-size
        and --posting, and see how far the answer holds; docs/readiness.md says more.
        """
        session = open_session()
        if region is not None and region not in session.home.regions:
            raise PartitionError("REGION_UNKNOWN")
        readable = (1.0 if opt_in is None else opt_in) * (1 - objections)
        assumed = Assumed(
            median_size=median_size, posting=posting, missed=missed, may_be_read=readable
        )
        _say_what_is_assumed(assumed)
        if not may_publish(session.home.config.mode):
            screen().print(
                "A home of mode discovery never publishes: this is what a study of these groups"
                " could.\n"
            )
        if groups is not None:
            screen().print(
                f"What if: {groups} groups of different employers, all from today on, in place of"
                " those of the register.\n",
                markup=False,
            )
        for one in session.home.regions if region is None else [region]:
            slowest = rhythm or _slowest(session, one)
            closes = session.home.config.close_after_days
            of_region = replace(assumed, every=slowest.days, close_after_days=closes)
            _tell(session, one, of_region, slowest, groups)


def _slowest(session: Session, region: str) -> Rhythm:
    """Of the groups that stand; who never agreed on a rhythm is taken to deliver daily."""
    today = session.clock.today()
    agreed = [
        one.rhythm
        for one in session.register.consents(region).values()
        if one.runs_on(today) and one.rhythm is not None
    ]
    return max(agreed, key=lambda one: one.days, default=Rhythm.DAILY)


def _tell(
    session: Session, region: str, assumed: Assumed, rhythm: Rhythm, groups: int | None = None
) -> None:
    today, now_is = session.clock.today(), session.clock.now()
    store = ReleaseStore(session.database)
    closings = store.closings(region)
    spans = (
        session.register.spans(region) if groups is None else simulated_spans(groups, today, now_is)
    )
    where = group_status(spans, closings, today, now_is)
    found = readiness(where.consented, assumed)
    now = readiness(where.counted, assumed) if where.counted != where.consented else found
    out = screen()
    out.print(_lines_table(found, f"{session.home.config.regions[region]}: {_counts(where)}"))
    for sentence in (
        _of_verdict(found, region),
        *_of_when(session, region, found, spans, closings),
        *_of_waiting(where, now),
        _of_suppression(found),
        *_of_deliveries(session, where.consented, assumed, rhythm),
        _of_next_groups(found),
    ):
        out.print(sentence, markup=False)
    out.print()


def _say_what_is_assumed(assumed: Assumed) -> None:
    screen().print(
        f"Assumed, not measured: the middle group has {assumed.median_size:g} members; "
        f"{assumed.posting:.0%} of a group write on a weekday and "
        f"{assumed.posting * assumed.weekend:.0%} at weekends; every export arrives in time, unless"
        " said otherwise. "
        f"{REGIONS} made-up regions, seed {SEED}.\n",
        markup=False,
    )


def _lines_table(found: Readiness, title: str) -> Table:
    rows = table(
        "line",
        "has a value in",
        "smallest change it shows",
        "holds in",
        "groups missing",
        title=title,
    )
    for line, outlook in found.outlooks.items():
        change = outlook.detectable_change
        rows.add_row(
            line.name,
            _share(line, outlook),
            "none" if change is None else f"{change:.2f}",
            f"{outlook.regions_held:.0%} of regions",
            _missing(outlook.further_groups),
        )
    return rows


def _share(line: PublishableLine, outlook: Outlook) -> str:
    if line is FOUR_WEEKLY:
        return f"{outlook.due_with_value:.0%} of weeks"
    return f"{outlook.days_with_value:.0%} of days"


def _missing(further: int | None) -> str:
    return f"over {MOST_FURTHER_GROUPS}" if further is None else str(further)


def _counts(where: GroupStatus) -> str:
    told = f"{_groups(where.counted)} now"
    if where.waiting:
        told += f", {len(where.waiting)} waiting"
    if where.later:
        told += f", {len(where.later)} from a later day"
    return told


def _groups(employers: Sequence[str]) -> str:
    groups, of = len(employers), len(set(employers))
    named = f"{groups} group{'s' * (groups != 1)}"
    return named if of == groups else f"{named} of {of} employer{'s' * (of != 1)}"


def _of_verdict(found: Readiness, region: str) -> str:
    if found.line is None:
        return f"Publish nothing yet: {_why_nothing(found)}"
    shown = found.outlooks[found.line]
    name = "7-day line, daily values too" if found.line is DAILY else f"{found.line.name} line"
    return (
        f"Publish the {name}: a value in {_share(found.line, shown)}, and it shows a change"
        f" of {shown.detectable_change:.2f}. In home.yaml: headline: {{{region}: {found.headline}}}"
    )


def _of_when(
    session: Session,
    region: str,
    found: Readiness,
    spans: Sequence[ConsentSpan],
    closings: Sequence[Closing],
) -> list[str]:
    """When the line that is worth publishing can first have a value, and when that shows."""
    if found.line is None:
        return []
    line = FOUR_WEEKLY if found.line is FOUR_WEEKLY else WEEKLY
    today, config = session.clock.today(), session.home.config
    outcomes = ReleaseStore(session.database).outcomes(region)
    # Days older than scores are kept close without any.
    begin = max(config.first_day, today - timedelta(days=config.score_lifetime_days))
    first = first_value(
        spans,
        closings,
        {day for day, (status, _) in outcomes.items() if status == "published"},
        line,
        begin,
        session.clock.now(),
        today,
    )
    if first.value_on is None:
        return [f"When: not before {first.until + timedelta(days=1)}, as the register stands."]
    closes = next(
        day
        for day in (today + timedelta(days=number) for number in range(366))
        if may_close(first.value_on, day, config.close_after_days)
    )
    return [
        f"When: enough groups count from {first.counts_on} on; the {line.name} line can have its"
        f" next value on {first.value_on} at the earliest, if every day until then has one, and"
        f" that day may close on {closes}."
    ]


def _why_nothing(found: Readiness) -> str:
    if found.employers < MIN_GROUPS:
        return (
            f"a day needs {MIN_GROUPS} groups of different employers, and groups of one employer"
            f" count as one; here {found.employers} would count."
        )
    lowest = found.outlooks[FOUR_WEEKLY]
    if lowest.due_with_value < LEAST_WITH_VALUE:
        return (
            f"even a 4-weekly line would have a value in {lowest.due_with_value:.0%} of weeks only."
        )
    if lowest.detectable_change is not None and lowest.detectable_change > LARGEST_CHANGE_TO_SHOW:
        return (
            f"even a 4-weekly line would show no change under {lowest.detectable_change:.2f},"
            f" and {LARGEST_CHANGE_TO_SHOW:.2f} is the most that is worth a line."
        )
    return (
        f"a 4-weekly line would do in {lowest.regions_held:.0%} of made-up regions only, by luck"
        " with the sizes of the groups."
    )


def _of_waiting(where: GroupStatus, now: Readiness) -> list[str]:
    told = []
    if where.waiting or where.later:
        told.append(
            f"{len(where.waiting) + len(where.later)} of these groups don't count yet"
            f" ({_joins(where.joining_on)}); without them:"
            f" {now.line.name + ' line' if now.line else 'nothing'}."
        )
    if where.ending:
        told.append(
            f"The consents of {where.ending} groups that count now end within nine weeks: renew"
            " them in time (tideline consent list, tideline consent renew)."
        )
    return told


def _joins(day: date | None) -> str:
    if day is None:
        return f"a region begins with {MIN_GROUPS} of different employers at once"
    return f"the next join on {day.isoformat()}"


def _of_suppression(found: Readiness) -> str:
    reasons = ", ".join(
        f"{_REASONS[code]} {share:.0%}"
        for code, share in found.suppressed.items()
        if share >= _SHOWN_AT_LEAST
    )
    told = f"Suppressed: {found.days_suppressed:.0%} of days would have no value of their own"
    luck = f"in one made-up region of ten, at least {found.suppressed_in_one_of_ten:.0%}"
    return f"{told} ({reasons}); {luck}." if reasons else f"{told}."


def _of_deliveries(
    session: Session, employers: Sequence[str], assumed: Assumed, rhythm: Rhythm
) -> Iterator[str]:
    """What rhythm, missed deliveries and members who are not read cost, and when to close."""
    config = session.home.config
    best = replace(assumed, every=1, missed=0.0, may_be_read=1.0)
    if assumed == best and config.close_after_days >= rhythm.least_close_after:
        return
    now, at_best = (days_with_enough_groups(employers, one) for one in (assumed, best))
    yield (
        f"Deliveries: {rhythm.value}, {assumed.missed:.0%} of them missed, "
        f"{assumed.may_be_read:.0%} of members read, days closing {config.close_after_days} days"
        f" after: {MIN_GROUPS} groups are there on {now:.0%} of days, and on {at_best:.0%} if every"
        " export came daily and nobody were left out."
    )
    if config.close_after_days < rhythm.least_close_after:
        yield (
            f"Days close too early: who delivers {rhythm.value} needs close_after_days of"
            f" {rhythm.least_close_after} at least."
        )
    longest = min(60, config.score_lifetime_days - 1)
    advice = closing_advice(employers, assumed, rhythm, longest)
    if advice.close_after_days == config.close_after_days:
        return
    left = "" if advice.enough else " More groups would help; more days would not."
    yield (
        f"In home.yaml: close_after_days: {advice.close_after_days}. Then {MIN_GROUPS} groups are"
        f" there on {advice.share:.0%} of days.{left}"
    )


def _of_next_groups(found: Readiness) -> str:
    wanted = [
        f"{outlook.further_groups} for {line.name}"
        for line, outlook in reversed(list(found.outlooks.items()))
        if outlook.further_groups
    ]
    if not wanted:
        return "Next: more groups are worth having, but no line waits for them."
    return (
        f"Next: recruit groups of further employers, {', '.join(wanted)};"
        f" they join at least {MIN_BATCH} at a time."
    )
