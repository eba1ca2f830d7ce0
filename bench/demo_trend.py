"""How well a demo's lines follow what was planted: `python bench/demo_trend.py HOME`."""

import sys
from pathlib import Path

import pandas as pd


def main(home: Path) -> None:
    values = pd.read_csv(home / "public" / "latest.csv")
    values = values[values["row"] == "published"].set_index(["region", "construct", "day"])
    planted = pd.read_csv(home / "public" / "planted_trend.csv")
    planted["planted_7d"] = planted.groupby(["region", "construct"])["planted"].transform(
        lambda one: one.rolling(7, min_periods=4).mean()
    )
    planted = planted.set_index(["region", "construct", "day"])
    lines = planted.join(values["value_7d"], how="left").dropna()
    print("region            construct    days  r      planted range  line range")
    for (region, construct), line in lines.groupby(level=["region", "construct"]):
        moves = line["planted"].nunique() > 1
        followed = f"{line['value_7d'].corr(line['planted_7d']):.3f}" if moves else "flat "
        planted_range = line["planted"].max() - line["planted"].min()
        line_range = line["value_7d"].max() - line["value_7d"].min()
        print(
            f"{region:17} {construct:12} {len(line):4}  {followed}  {planted_range:.3f}"
            f"          {line_range:.3f}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
