"""What is planted in an invented world, and that its messages carry it."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.core.constructs import CONSTRUCTS
from simulation.chat import make_world
from simulation.chat.trends import FLAT_SHARE, regional_shares, stray_shares

REGIONS = ("greater_london", "east_of_england")
FIRST_DAY = date(2026, 9, 10)
DAYS = 60


@pytest.fixture(scope="module")
def world():
    return make_world(regions=REGIONS, first_day=FIRST_DAY, days=DAYS)


def _speech(world):
    last_day = world.first_day + timedelta(days=world.days - 1)
    rows = [
        (group.region, group.consented, place, post.member, post.at.date(), post.construct)
        for place, group in enumerate(world.groups)
        for post in group.posts
        if post.kind == "speech" and post.at.date() <= last_day
    ]
    columns = ["region", "consented", "group", "member", "day", "construct"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture(scope="module")
def speech(world):
    return _speech(world)


def test_groups_spread_over_regions_consents_and_forms(world):
    assert len(world.groups) == 24
    for region in REGIONS:
        mine = [group for group in world.groups if group.region == region]
        assert [group.consented for group in mine].count(True) == 10
        assert [group.consented for group in mine].count(False) == 2
        assert all(13 <= len(group.members) <= 18 for group in mine)
    assert {(group.form, group.container) for group in world.groups} == {
        ("android_24h", "txt"),
        ("android_24h", "zip"),
        ("android_12h", "txt"),
        ("android_12h", "zip"),
        ("ios_24h", "zip"),
        ("ios_12h", "zip"),
    }
    assert len({group.title for group in world.groups}) == 24


def test_enough_people_post_on_every_day(speech):
    people = (
        speech[speech.consented]
        .drop_duplicates(["region", "group", "member", "day"])
        .groupby(["region", "day"])
        .size()
    )
    assert len(people) == 2 * DAYS
    assert people.min() >= 105
    assert people.max() <= 115


def test_volume_is_what_the_demo_can_bear(speech):
    consented = speech[speech.consented]
    assert 17_000 <= len(consented) <= 20_000
    people = consented.drop_duplicates(["group", "member", "day"])
    assert 1.3 < len(consented) / len(people) < 1.5


def test_planted_table_covers_every_region_day_and_construct(world):
    assert list(world.planted.columns) == ["region", "day", "construct", "planted"]
    assert len(world.planted) == 2 * DAYS * 3
    assert not world.planted.duplicated(["region", "day", "construct"]).any()
    assert world.planted.day.min() == FIRST_DAY
    assert world.planted.day.max() == FIRST_DAY + timedelta(days=DAYS - 1)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_realised_shares_are_the_planted_ones_within_sampling_error(
    world, speech, region, construct
):
    planted = world.planted.query("region == @region and construct == @construct")
    planted = planted.sort_values("day").planted.to_numpy()
    mine = speech[speech.consented & (speech.region == region)]
    hit = (mine.construct == construct).groupby(mine.day)
    hits, counts = hit.sum().to_numpy(), hit.size().to_numpy()
    z = (hits - counts * planted) / np.sqrt(counts * planted * (1 - planted))
    assert np.abs(z).max() < 4
    assert 0.75 < z.std() < 1.25
    if np.ptp(planted) > 0:
        week = np.ones(7) / 7
        realised = np.convolve(hits / counts, week, "valid")
        assert np.corrcoef(realised, np.convolve(planted, week, "valid"))[0, 1] > 0.93


@pytest.mark.parametrize("days", [35, 60, 120])
@pytest.mark.parametrize("seed", [0, 1, 20261122])
@pytest.mark.parametrize("regions", [("a",), ("a", "b"), ("a", "b", "c", "d", "e")])
def test_trends_swing_are_weakly_correlated_and_leave_room(days, seed, regions):
    shares = regional_shares(regions, days, seed)
    for region, table in shares.items():
        assert table.shape == (days, 3)
        assert table.min() >= 0.1
        assert table.max() <= 0.37
        assert table.sum(axis=1).max() < 0.95
        moving = table[:, :2] if region == regions[-1] else table
        assert np.ptp(moving, axis=0).min() >= 0.2
        correlation = np.corrcoef(moving.T)
        assert np.abs(correlation - np.eye(len(correlation))).max() < 0.4
        assert np.abs(np.diff(table, axis=0)).max() < 3.6 / days
    assert set(shares[regions[-1]][:, 2]) == {FLAT_SHARE}


def test_the_control_is_flat_and_the_only_one(world):
    spread = world.planted.groupby(["region", "construct"]).planted.agg(np.ptp)
    flat = spread[spread == 0].index.tolist()
    assert flat == [("east_of_england", "resistance")]
    assert spread.drop(flat).min() >= 0.2


@pytest.mark.parametrize(
    ("region", "construct"), [("greater_london", "burnout"), ("east_of_england", "resistance")]
)
def test_a_leak_of_groups_without_consent_would_be_seen(speech, region, construct):
    late = speech[(speech.region == region) & (speech.day > FIRST_DAY + timedelta(days=DAYS - 8))]
    share = (late.construct == construct).groupby(late.consented).mean()
    assert share[False] > share[True] + 0.4
    assert (late.construct == construct).mean() > share[True] + 0.1


def test_a_stray_group_takes_over_only_in_the_last_third():
    table = stray_shares(60, construct="burnout")
    assert table[:40, 0].max() < 0.1
    assert table[-1] == pytest.approx([0.9, 0.02, 0.02])
    assert table.sum(axis=1).max() < 0.95


def test_few_exact_duplicates_and_half_short(world):
    texts = [post.text for group in world.groups if group.consented for post in group.posts]
    texts = [text for text in texts if text and "\n" not in text]
    said = [
        post.text
        for group in world.groups
        if group.consented
        for post in group.posts
        if post.kind == "speech"
    ]
    assert 1 - len(set(said)) / len(said) < 0.25
    assert sum(len(text.split()) < 10 for text in texts) >= len(texts) / 2


def test_two_in_five_messages_carry_an_identifier(world):
    flags = [
        post.identifies
        for group in world.groups
        if group.consented
        for post in group.posts
        if post.kind == "speech"
    ]
    assert 0.35 <= np.mean(flags) <= 0.45


def test_no_text_name_or_title_in_a_repr(world):
    shown = repr(world) + repr(world.groups[0]) + repr(world.groups[0].posts[:50])
    for group in world.groups:
        assert group.title not in shown
        assert not [
            1 for member in group.members if len(member.sender) > 6 and member.sender in shown
        ]
    assert not [
        1 for post in world.groups[0].posts[:50] if len(post.text) > 8 and post.text in shown
    ]


@given(
    regions=st.integers(1, 3),
    days=st.integers(7, 16),
    extra=st.integers(0, 4),
    without=st.integers(0, 3),
    people=st.integers(1, 25),
    seed=st.integers(0, 99),
)
@settings(max_examples=15)
def test_small_worlds_keep_the_promises(regions, days, extra, without, people, seed):
    names = REGIONS[:regions] if regions < 3 else (*REGIONS, "wales")
    made = make_world(
        regions=names,
        first_day=date(2026, 3, 20),
        days=days,
        groups=regions + extra + without,
        without_consent=without,
        people_per_day=people,
        seed=seed,
    )
    table = _speech(made)
    per_day = table[table.consented].drop_duplicates(["region", "group", "member", "day"])
    assert per_day.groupby(["region", "day"]).size().min() >= people
    assert per_day.groupby(["region", "day"]).ngroups == regions * days
    assert sum(not group.consented for group in made.groups) == without
    end = made.first_day + timedelta(days=days)
    for group in made.groups:
        assert group.posts[-1].at.date() == end
        assert len({member.sender for member in group.members}) == len(group.members)
        eve = made.first_day - timedelta(days=1)
        greeted = {post.member for post in group.posts if post.at.date() == eve}
        for post in group.posts[len(greeted) : -1]:
            member = group.members[post.member]
            assert member.first_day <= post.at.date() <= member.last_day
        # Whoever did not greet came later, and no notice told them.
        assert greeted == {
            place
            for place, member in enumerate(group.members)
            if member.first_day == made.first_day
        }


@pytest.mark.parametrize(
    "wrong",
    [
        {"regions": ()},
        {"regions": ("a", "a")},
        {"days": 6},
        {"people_per_day": 0},
        {"without_consent": -1},
        {"groups": 5, "without_consent": 4},
    ],
)
def test_impossible_worlds_are_refused(wrong):
    with pytest.raises(ValueError, match=r"region|too few"):
        make_world(**{"regions": REGIONS, "first_day": FIRST_DAY, "days": 10, **wrong})
