"""The release with its real noise, by whole runs."""

import random
from datetime import date, timedelta

import pytest

from assets.core.constructs import CONSTRUCTS
from assets.released.method import GAUSSIAN_1
from assets.released.noise_scales import NoiseScales
from assets.restricted.release import noise, region_release
from assets.restricted.release.regional_value import mean_score
from resources.base.database.tables import noisy_draws, release_steps

pytestmark = pytest.mark.slow

DAY, GROUPS, SEED = date(2026, 10, 12), 20, 20261122


def test_twenty_groups_in_random_order_and_repeated_runs_give_one_draw_of_all(
    house, chat, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, sets = [], []
    totals_of = region_release.region_totals
    monkeypatch.setattr(
        region_release,
        "draw",
        lambda totals, micro_rho: drawn.append(noise.draw(totals, micro_rho)) or drawn[-1],
    )
    monkeypatch.setattr(
        region_release,
        "region_totals",
        lambda groups: sets.append({one.group_ref for one in groups}) or totals_of(groups),
    )
    arriving = [(house.grant(), chat(DAY, DAY, people=5, seed=seed)) for seed in range(GROUPS)]
    random.Random(SEED).shuffle(arriving)
    for morning in (13, 14, 15):
        clock.set_to(date(2026, 10, morning))
        for ref, content in arriving[morning - 13 :: 3]:
            house.deliver(ref, content)
        # Twice on the morning on which it closes; that an open day stays as it is, others tell.
        for _ in range(1 + (morning == 15)):
            assert house.run("collect", DAY) is None
            assert house.run("release", DAY) is None
    before = house.values(), house.rows(noisy_draws, release_steps)
    clock.moment += timedelta(days=2)
    assert house.run("release", DAY) is None
    assert (house.values(), house.rows(noisy_draws, release_steps)) == before
    assert house.resources["release_store"].outcomes("greater_london") == {DAY: ("published", None)}
    assert len(drawn) == 1, f"seed {SEED}"
    assert sets == [{ref for ref, _ in arriving}], f"seed {SEED}"
    values = {value[2]: value[4] for value in house.values()}
    assert values == {name: mean_score(drawn, name) for name in CONSTRUCTS}
    # The noise is there, and no larger than it says: 8 of its standard deviations at most.
    scales = NoiseScales.of(GAUSSIAN_1.micro_rho)
    assert abs(drawn[0].person_days - 5 * GROUPS) <= 8 * scales.of_count
    exact = house.resources["score_store"].of_region_day("greater_london", DAY).values()
    off = [
        drawn[0].sums_milli[name]
        - sum(one.sum_milli for scores in exact for one in scores if one.construct == name)
        for name in CONSTRUCTS
    ]
    assert all(abs(one) <= 8 * scales.of_sum_milli for one in off)
    assert any(off)


def test_the_public_side_reads_no_exact_number(house) -> None:
    """What the run leaves in the database beyond sealed scores are noisy totals."""
    house.groups(5, DAY, DAY)
    assert house.run("collect", DAY) is None
    assert house.run("release", DAY) is None
    tables = house.database
    with tables.transaction() as connection:
        names = connection.exec_driver_sql(
            "SELECT table_name FROM information_schema.columns WHERE table_schema"
            " IN ('restricted', 'release') AND column_name LIKE '%%person_days%%'"
        ).scalars()
        assert set(names) == {"noisy_draws"}
