"""Hit rates come out the same by a script that knows only the published files."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import made_house
import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "bench" / "hit_rates.py"
LONDON = "greater_london"


@pytest.fixture(scope="module")
def house(made, tmp_path_factory):
    """Forecasts from some days, one of them made too late to count."""
    house = made_house.make_house(made, tmp_path_factory.mktemp("home"))
    for at in range(44, 53, 2):
        late = dt.timedelta(days=20 if at == 48 else 3)
        made_at = dt.datetime.combine(made.day(at), dt.time(7), dt.UTC) + late
        made_house.forecast(made, house, at, made_at)
    made_house.write(house)
    return house


def worked_out(house):
    command = [sys.executable, "-I", str(SCRIPT), str(house.public)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_they_are_what_the_published_files_say(house):
    done = worked_out(house)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 differ" in done.stdout
    rows = (made_house.newest(house) / "hit_rates.csv").read_text().splitlines()
    # Two constructs, for no review of harms allows a third, and the two weeks that have come.
    assert len(rows) - 1 == 4
    assert int(done.stdout.rsplit(" ", 2)[-2]) > 3


def test_a_rate_that_is_not_so_is_found(house):
    path = made_house.newest(house) / "hit_rates.csv"
    before = path.read_text()
    rows = before.splitlines()
    fields = rows[1].split(",")
    fields[4] = str(int(fields[4]) + 1)
    path.write_text("\n".join([rows[0], ",".join(fields), *rows[2:]]) + "\n")
    done = worked_out(house)
    path.write_text(before)
    assert done.returncode == 1
    assert "1 differ" in done.stdout


def test_a_value_taken_back_leaves_the_rates(made, house):
    before = np.loadtxt(
        made_house.newest(house) / "hit_rates.csv", delimiter=",", skiprows=1, usecols=3
    )
    at = house.now + dt.timedelta(hours=1)
    made_house.retract(house, LONDON, made.day(50), at)
    house.now = at + dt.timedelta(hours=1)
    made_house.write(house)
    after = np.loadtxt(
        made_house.newest(house) / "hit_rates.csv", delimiter=",", skiprows=1, usecols=3
    )
    assert 0 < after.sum() < before.sum()
    assert worked_out(house).returncode == 0
