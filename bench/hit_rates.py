"""Works the hit rates of a release out again, from its published files alone and nothing of ours.

Reads what anybody can download: the release that `index.html` leads to, and `forecasts/`. Prints
each line of `hit_rates.csv` that comes out otherwise, and fails then.

    python -I bench/hit_rates.py HOME/public
"""

import csv
import json
import re
import sys
from pathlib import Path

LAST = 60
WEEKS = (1, 2, 3, 4)
LEVELS = ((0.80, "lo80", "hi80"), (0.95, "lo95", "hi95"))
ROW = ("mean", "lo80", "hi80", "lo95", "hi95")


def main(public: Path) -> int:
    """Returns how many lines differ."""
    front = (public / "index.html").read_text("utf-8")
    found = re.search(r'<meta name="release" content="(\d+) ', front)
    assert found, "no release stands"
    release = public / "releases" / found[1]
    came = values_of(release / "latest.csv")
    worked_out = {key: rates(rows) for key, rows in held_against(public, came).items()}
    differ = 0
    with (release / "hit_rates.csv").open(encoding="utf-8", newline="") as file:
        told = {
            (one["region"], one["construct"], int(one["weeks_ahead"])): one
            for one in csv.DictReader(file)
        }
    for key in sorted({*told, *worked_out}):
        mine, theirs = worked_out.get(key), told.get(key)
        if mine is None or theirs is None or not same(mine, theirs):
            differ += 1
            print(key, "told", theirs, "worked out", mine)
    print(f"release {found[1]}: {len(told)} lines told, {len(worked_out)} worked out")
    print(f"{differ} differ; {sum(int(one['forecasts']) for one in told.values())} forecasts")
    return differ


def values_of(path: Path) -> dict:
    """Published values by (column, region, construct, day), each with its method."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (column, row["region"], row["construct"], row["day"]): (
                float(row[column]),
                row["method_version"],
            )
            for row in csv.DictReader(file)
            if row["status"] == "published"
            for column in ("value_7d", "value_28d")
            if row[column]
        }


def held_against(public: Path, came: dict) -> dict:
    """By region, construct and weeks: day, value, forecast and "no change" of each that counts."""
    found: dict = {}
    for path in sorted(public.glob("forecasts/*/*.json")):
        made = json.loads(path.read_text("utf-8"))
        region = path.parent.name
        for construct, own in made["constructs"].items():
            if made["backfilled"] or isinstance(own, str):
                continue
            plain = own["no_change"]["weeks"]
            for weeks, row, other in zip(WEEKS, own["weeks"], plain, strict=True):
                known = came.get((made["column"], region, construct, row[0]))
                if known and known[1] == own["method_version"]:
                    key = (region, construct, weeks)
                    ours, theirs = (published(one[1:]) for one in (row, other))
                    found.setdefault(key, []).append((row[0], path.stem, known[0], ours, theirs))
    return found


def published(row: list) -> dict:
    """As a forecast is published: three decimals, cut off at 0 and 1."""
    cut = [min(1.0, max(0.0, round(one, 3))) for one in row]
    return dict(zip(ROW, cut, strict=True))


def rates(rows: list) -> dict:
    """What `hit_rates.csv` says of a line, of its last 60."""
    last = sorted(rows, key=lambda one: one[:2])[-LAST:]
    many = len(last)
    mine = [(came, ours) for _, _, came, ours, _ in last]
    plain = [(came, theirs) for _, _, came, _, theirs in last]
    return {
        "forecasts": many,
        "in80": sum(one["lo80"] <= came <= one["hi80"] for came, one in mine),
        "in95": sum(one["lo95"] <= came <= one["hi95"] for came, one in mine),
        "mean_absolute_error": sum(abs(came - one["mean"]) for came, one in mine) / many,
        "mean_absolute_error_no_change": sum(abs(came - one["mean"]) for came, one in plain) / many,
        "interval_score": sum(score(*one) for one in mine) / many,
        "interval_score_no_change": sum(score(*one) for one in plain) / many,
    }


def score(came: float, one: dict) -> float:
    """Mean over both ranges: width, and what a miss costs."""
    total = 0.0
    for share, low, high in LEVELS:
        missed = max(one[low] - came, came - one[high], 0.0)
        total += one[high] - one[low] + 2 / (1 - share) * missed
    return total / len(LEVELS)


def same(mine: dict, theirs: dict) -> bool:
    """Whether a line comes out as told: counts exactly, means but for the last bits."""
    return all(abs(value - float(theirs[name])) < 1e-9 for name, value in mine.items())


if __name__ == "__main__":
    sys.exit(1 if main(Path(sys.argv[1])) else 0)
