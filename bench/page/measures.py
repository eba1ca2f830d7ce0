"""What is counted on simulated pages: false episodes, and what is found of planted changes."""

from collections.abc import Iterable

import numpy as np

from assets.public.page.narration import band_of, tell
from assets.public.page.page_reader import PanelRead
from assets.public.page.sentence_check import agrees, numbers_known
from assets.public.page.verdict import CALLED_AT, SMALLEST_CHANGE, Verdict, judge
from assets.public.records.lines import Line
from bench.page.simulated_lines import DAYS, LOOKED_AT, Scenario, region_published, until

SEED = 18
FEWEST_APART = 7
"""Days without a call after which another one is another episode."""

REGIONS = ("Greater London", "East of England")
PAGES_EVERY = 5
"""Days from one page to the next, so that every day of the week comes."""

BEGINS, SWING_DAYS = 150, 21
"""Day on which something is planted, and how long a planted swing lasts."""

JUDGED = BEGINS + 28
"""Days after which a page compares a week wholly after it with one wholly before."""


NOTHING = Verdict("chance")


def verdicts(line: Line, days: Iterable[int]) -> list[Verdict]:
    """The verdicts of the pages that were made after so many days.

    `NOTHING` where all values that a verdict looks at lie nearer together than any bar.
    """
    values = np.array([np.nan if one is None else one for one in line.values])
    known = [one for one in line.changes if one is not None]
    lowest = max(SMALLEST_CHANGE, CALLED_AT * min(known)) if known else np.inf
    found = []
    for day in days:
        looked_at = values[max(0, day - LOOKED_AT) : day]
        shown = looked_at[np.isfinite(looked_at)]
        near = not len(shown) or shown.max() - shown.min() < lowest - 1e-9
        found.append(NOTHING if near else judge(until(line, day)))
    return found


def episodes(called: Iterable[bool]) -> int:
    """Runs of calls, those under `FEWEST_APART` days apart taken together."""
    found, last = 0, -DAYS
    for at, one in enumerate(called):
        if one:
            found += at - last > FEWEST_APART
            last = at
    return found


def false_episodes(scenario: Scenario, people: float, year: int) -> tuple[int, int]:
    """Episodes of a change, and of a swing, on the pages of a year of six lines."""
    changes = swings = 0
    for number, region in enumerate(REGIONS):
        chance = np.random.default_rng((SEED, year, number))
        published = region_published(scenario, chance, people_factor=people, region=region)
        for line in published.lines:
            told = verdicts(line, range(1, DAYS + 1))
            changes += episodes(one.kind in {"rose", "fell"} for one in told)
            swings += episodes(one.swing is not None for one in told)
    return changes, swings


def change_found(scenario: Scenario, people: float, year: int) -> tuple[float, ...]:
    """A change of the stated size comes in a day, up or down by turns, and stays.

    Returns:
        Shares of three lines that call it, in the right direction: on the one page whose two weeks
        lie wholly after and before it, where the page of the day before stated the size; on any
        page of the four weeks in which that is so; on the one page, where it states the size
        itself. NaN where that page states none.
    """
    size = _stated(scenario, people, year, BEGINS)
    called = _called(scenario, people, year, size)
    of_the_page = _called(scenario, people, year, _stated(scenario, people, year, JUDGED))
    return (
        float(np.mean([one[-1] for one in called])) if called else np.nan,
        float(np.mean([any(one) for one in called])) if called else np.nan,
        float(np.mean([one[-1] for one in of_the_page])) if of_the_page else np.nan,
    )


def _called(scenario: Scenario, people: float, year: int, size: float) -> list[list[bool]]:
    """Whether each line calls it on the pages of the four weeks; nothing without a size."""
    if np.isnan(size):
        return []
    planted = size * (np.arange(DAYS) >= BEGINS)
    chance = np.random.default_rng((SEED, year, 0))
    lines = region_published(scenario, chance, people_factor=people, planted=planted).lines
    right = "rose" if size > 0 else "fell"
    return [
        [one.kind == right for one in verdicts(line, range(BEGINS + 7, JUDGED + 1))]
        for line in lines
    ]


def swing_found(scenario: Scenario, people: float, year: int) -> tuple[float, float]:
    """A swing of the stated size lasts three weeks.

    Returns:
        Shares of three lines that name it on the page five weeks after its end, and on any page of
        the six weeks from a week after its end on.
    """
    size = _stated(scenario, people, year, BEGINS)
    if np.isnan(size):
        return np.nan, np.nan
    at = np.arange(DAYS)
    planted = size * ((at >= BEGINS) & (at < BEGINS + SWING_DAYS))
    chance = np.random.default_rng((SEED, year, 0))
    lines = region_published(scenario, chance, people_factor=people, planted=planted).lines
    ends = BEGINS + SWING_DAYS
    named = [
        [
            one.swing is not None and (one.swing.there.size > 0) is (size > 0)
            for one in verdicts(line, range(ends + 8, ends + 50))
        ]
        for line in lines
    ]
    return float(np.mean([one[28] for one in named])), float(np.mean([any(one) for one in named]))


def _stated(scenario: Scenario, people: float, year: int, days: int) -> float:
    """What the page after so many days states to be found reliably, were nothing planted.

    A fall, thus negative, in even years if no line of the page rules out a fall so large; NaN
    where none is stated. Errors are of the region, so its lines state one size.
    """
    chance = np.random.default_rng((SEED, year, 0))
    lines = region_published(scenario, chance, people_factor=people).lines
    told = [judge(until(line, days)) for line in lines]
    known = [one.reliably for one in told if one.reliably is not None]
    falls = year % 2 == 0 and all(one.room_to_fall for one in told)
    return (-1 if falls else 1) * max(known, default=np.nan)


def band_cover(scenario: Scenario, people: float, year: int) -> tuple[int, int]:
    """How often the range of chance holds the mean of all members, whoever of them wrote.

    Returns:
        Values of a region's year whose range does, and all that have a range.
    """
    chance = np.random.default_rng((SEED, year, 0))
    published = region_published(scenario, chance, people_factor=people)
    covered = shown = 0
    for line, everyone in zip(published.lines, published.everyone, strict=True):
        for day, (value, half) in enumerate(zip(line.values, line.half_bands, strict=True)):
            if value is None or half is None:
                continue
            true = everyone[max(0, day - line.headline.days + 1) : day + 1].mean()
            low, high = band_of(value, half)
            shown += 1
            covered += low <= true <= high
    return covered, shown


def contradicting_pages(
    scenario: Scenario, people: float, year: int, every: int = PAGES_EVERY
) -> tuple[int, int]:
    """Pages of six lines, by turns with a change, a swing or nothing.

    Args:
        scenario: see `region_published`.
        people: likewise.
        year: which.
        every: days from one page to the next.

    Returns:
        Pages looked at, and pages on which a sentence contradicts a number or a number is unknown,
        as the check before writing reads them.
    """
    at = np.arange(DAYS)
    size = 0.02 * (1 + year % 8)
    lasts = DAYS if year % 3 == 0 else SWING_DAYS
    planted = size * ((at >= BEGINS) & (at < BEGINS + lasts)) * (year % 3 < 2)
    lines = [
        line
        for number, region in enumerate(REGIONS)
        for line in region_published(
            scenario,
            np.random.default_rng((SEED, year, number)),
            people_factor=people,
            planted=planted,
            region=region,
        ).lines
    ]
    wrong = sum(
        any(not _agrees(until(line, day)) for line in lines) for day in range(1, DAYS + 1, every)
    )
    return len(range(1, DAYS + 1, every)), wrong


def _agrees(line: Line) -> bool:
    told = tell(line)
    panel = PanelRead(verdict=told.headline, notes=list(told.notes))
    return agrees(panel, line) and numbers_known(panel, line)
