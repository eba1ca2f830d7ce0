"""The demo as a newcomer runs it, smaller: one command, the page, lines that follow the plan.

It is run from a wheel, so that what is missing in one shows.
"""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

SMALLER = ["--groups", "12", "--without-consent", "2", "--days", "35", "--people-per-day", "100"]
LEAST_R = 0.6

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo_home(installed: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo") / "home"
    command = [str(installed.command), "demo", "--home", str(root)]
    done = subprocess.run(
        [*command, *SMALLER],
        capture_output=True,
        check=False,
        text=True,
        env=installed.environment,
        cwd=root.parent,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith("index.html")
    return root


@pytest.fixture(scope="module")
def lines(demo_home: Path) -> pd.DataFrame:
    values = pd.read_csv(demo_home / "public" / "releases" / "1" / "latest.csv")
    values = values[values["row"] == "published"].set_index(["region", "construct", "day"])
    planted = pd.read_csv(demo_home / "planted_trend.csv")
    planted["planted_7d"] = planted.groupby(["region", "construct"])["planted"].transform(
        lambda one: one.rolling(7, min_periods=4).mean()
    )
    planted = planted.set_index(["region", "construct", "day"])
    return planted.join(values["value_7d"], how="left").dropna()


def test_each_line_that_moves_follows_what_was_planted(lines: pd.DataFrame) -> None:
    followed = {}
    for key, line in lines.groupby(level=["region", "construct"]):
        if line["planted"].nunique() > 1:
            assert len(line) >= 30
            followed[key] = line["value_7d"].corr(line["planted_7d"])
    assert len(followed) == 5
    assert min(followed.values()) >= LEAST_R, followed


def test_the_flat_control_stays_flat(lines: pd.DataFrame) -> None:
    """Noise makes about .03 of it, more than what moves once in ten thousand demos."""
    spreads: dict[bool, list[float]] = {True: [], False: []}
    for _, line in lines.groupby(level=["region", "construct"]):
        quarters = [part.mean() for part in np.array_split(line["value_7d"].to_numpy(), 4)]
        spreads[line["planted"].nunique() == 1].append(max(quarters) - min(quarters))
    (flat,) = spreads[True]
    assert flat < sum(spreads[False]) / len(spreads[False]), spreads


def test_the_page_says_that_the_data_is_made_up(demo_home: Path) -> None:
    page = (demo_home / "public" / "index.html").read_text("utf-8")
    assert "Made-up data" in page
    assert "the lines say nothing about care work" in page


def test_no_vector_or_its_key_is_left_after_the_release(demo_home: Path) -> None:
    assert [path for path in (demo_home / "vectors").rglob("*") if path.is_file()] == []
    # What is left are keys of group scores, one for each consented group-day at most.
    assert 0 < len(list((demo_home / "keys").iterdir())) <= 10 * 35
