"""`python -m bench.page PART [YEARS [PEOPLE ...]]`: what verdicts are worth on simulated years.

Parts: `false` (episodes in two years of six lines with nothing planted), `change` (planted changes
of the stated size that are called: on one page, on any of four weeks, and on the one page that
states the size), `swing` (planted swings that are named, on one page and on any of six weeks),
`pages` (pages, every fifth day, on which a sentence contradicts a number), `cover` (values whose
range of chance holds the mean of all members). Years run beside each other; PEOPLE multiplies the
sizes of groups.
"""

import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np

from assets.public.page.verdict import LOOKS_Z
from bench.page.measures import (
    band_cover,
    change_found,
    contradicting_pages,
    false_episodes,
    swing_found,
)
from bench.page.simulated_lines import STILL, WORSE

PEOPLE = (0.6, 1.0, 3.0)
"""Sizes of groups, as multiples of the assumed ones: some 40, 70 and 200 people a day."""


def main(part: str, years: int = 200, *sizes: float) -> None:
    started = time.perf_counter()
    print(f"{years} simulated years of six lines each, calls from {LOOKS_Z} standard errors on")
    with ProcessPoolExecutor() as pool:

        def over_years(measure: Callable[[int], Sequence[float]]) -> np.ndarray:
            return np.array(list(pool.map(measure, range(years), chunksize=2)), dtype=float)

        for scenario in (STILL, WORSE):
            for people in sizes or PEOPLE:
                name = f"  {scenario.name}, people x {people}:"
                if part == "false":
                    found = over_years(partial(false_episodes, scenario, people)).mean(axis=0)
                    print(
                        f"{name} in two years {2 * found.sum():.2f} false episodes"
                        f" ({2 * found[0]:.2f} changes, {2 * found[1]:.2f} swings)",
                        flush=True,
                    )
                elif part == "pages":
                    pages, wrong = over_years(partial(contradicting_pages, scenario, people)).sum(
                        axis=0
                    )
                    print(f"{name} {wrong:.0f} of {pages:.0f} pages contradict", flush=True)
                elif part == "cover":
                    covered, shown = over_years(partial(band_cover, scenario, people)).sum(axis=0)
                    print(f"{name} {covered / shown:.1%} of {shown:.0f} values covered", flush=True)
                elif scenario is STILL:
                    measure = {"change": change_found, "swing": swing_found}[part]
                    found = np.nanmean(over_years(partial(measure, scenario, people)), axis=0)
                    print(f"{name} {' '.join(f'{one:.3f}' for one in found)}", flush=True)
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]), *map(float, sys.argv[3:]))
