"""An invented world of care-worker groups with planted trends, for the demo and the tests."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

import pandas as pd

from simulation.chat.conversation import draw_events, draw_posts
from simulation.chat.groups import SyntheticGroup, draw_members, draw_title, spread_of_forms
from simulation.chat.streams import stream
from simulation.chat.trends import Shares, planted_table, regional_shares, stray_shares

FEWEST_DAYS = 7
_SATURDAY = 5
# People who post each day in a group without consent: more than elsewhere, so that a leak shows.
_STRAY_POSTERS = 16


@dataclass(frozen=True)
class World:
    """Groups and what was planted in them.

    Attributes:
        groups: with consent first, then without; regions take turns.
        planted: one row per region, day and construct of the groups with consent: `region` str,
            `day` datetime.date, `construct` str, `planted` float, the share of messages (0..1)
            that express the construct.
        regions: in the order given; resistance is flat in the last.
        first_day: first day with posts.
        days: how many days have posts.
        seed: what the world was made from.
    """

    groups: tuple[SyntheticGroup, ...]
    planted: pd.DataFrame = field(repr=False)
    regions: tuple[str, ...]
    first_day: date
    days: int
    seed: int


def make_world(
    *,
    regions: Sequence[str],
    first_day: date,
    days: int,
    groups: int = 24,
    without_consent: int = 4,
    people_per_day: int = 105,
    seed: int = 20261122,
) -> World:
    """Makes a world; the same arguments make the same one.

    Args:
        regions: at least one; groups spread evenly over them.
        first_day: first day with posts; groups come into being up to three weeks earlier.
        days: at least 7; planted trends run their course whatever the length.
        groups: all groups, those without consent included.
        without_consent: how many groups have none; they carry a trend of their own.
        people_per_day: fewest people who post on any day in the consented groups of each region.
        seed: source of all randomness.

    Raises:
        ValueError: no region, a repeated one, too few days, or a region without a consented group.
    """
    consented = groups - without_consent
    if not regions or len(set(regions)) != len(regions):
        raise ValueError("regions must be given, each once")
    if days < FEWEST_DAYS or people_per_day < 1 or without_consent < 0:
        raise ValueError("too few days or people")
    if consented < len(regions):
        raise ValueError("every region needs a consented group")
    shares = regional_shares(regions, days, seed)
    taken: set[str] = set()
    made: list[SyntheticGroup] = []
    posters = {
        region: _posters(
            stream(seed, "posters", region),
            first_day=first_day,
            days=days,
            people=people_per_day,
            groups=len(range(place, consented, len(regions))),
        )
        for place, region in enumerate(regions)
    }
    for number in range(groups):
        region = regions[number % len(regions)]
        if number < consented:
            daily = posters[region][number // len(regions)]
            planted = shares[region]
        else:
            daily = [_STRAY_POSTERS] * days
            turn = number % len(regions) % 2
            planted = stray_shares(days, construct=("burnout", "resistance")[turn])
        made.append(
            _make_group(
                seed,
                number,
                region=region,
                consented=number < consented,
                first_day=first_day,
                posters=daily,
                shares=planted,
                taken=taken,
            )
        )
    return World(
        groups=tuple(made),
        planted=planted_table(shares, first_day),
        regions=tuple(regions),
        first_day=first_day,
        days=days,
        seed=seed,
    )


def _posters(
    rng: Random, *, first_day: date, days: int, people: int, groups: int
) -> list[list[int]]:
    table: list[list[int]] = [[] for _ in range(groups)]
    for offset in range(days):
        weekend = (first_day + timedelta(days=offset)).weekday() >= _SATURDAY
        total = people + (rng.randint(0, 2) if weekend else rng.randint(2, 6))
        for place, daily in enumerate(table):
            # The remainder goes round, so that no group is the busiest every day.
            daily.append(total // groups + ((place + offset) % groups < total % groups))
    return table


def _make_group(
    seed: int,
    number: int,
    *,
    region: str,
    consented: bool,
    first_day: date,
    posters: Sequence[int],
    shares: Shares,
    taken: set[str],
) -> SyntheticGroup:
    rng = stream(seed, "group", number)
    days = len(posters)
    form, container = spread_of_forms(number)
    members = draw_members(
        rng,
        form=form,
        posters=max(posters),
        first_day=first_day,
        last_day=first_day + timedelta(days=days - 1),
    )
    return SyntheticGroup(
        title=draw_title(rng, region, taken),
        region=region,
        consented=consented,
        form=form,
        container=container,
        members=members,
        exporter=rng.choice((0, 0, 1, 2)),
        posts=draw_posts(
            rng,
            members=members,
            region=region,
            first_day=first_day,
            posters=posters,
            shares=shares,
        ),
        events=draw_events(rng, members=members, first_day=first_day, days=days),
    )
