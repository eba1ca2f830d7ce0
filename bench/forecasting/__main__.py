"""`python -m bench.forecasting report`, `… headline`, `… outside`, `… year`, `… speed`."""

import datetime as dt
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from assets.core.errors import TooFewDays
from assets.public.forecasting.headline import forecast_headline
from bench.forecasting.cells import HORIZONS, Cells, measured, rows, table
from bench.forecasting.daily_forecast import forecast
from bench.forecasting.measures import Tally, mase_scale, mean
from bench.forecasting.outside import FORMS, covered, in_form, rolled
from bench.forecasting.outside_series import FURTHER_SOURCES, SOURCES, outside_series
from bench.forecasting.platform_series import OTHER_TRUTHS, TRUTHS, platform_series
from bench.forecasting.rivals import HORIZON, RIVALS, bands_of, ridge
from bench.forecasting.simulated_year import recomputed
from bench.forecasting.uk_series import SPRING_START, uk_series

# Nothing was tuned on these; tuning used 1, 2, 5, 11, 12, 21, 22, 31, 41, 71, 1003 and 2003.
SEED = 1000
HEADLINE_SEED = 7007
LAST_DAYS = 365
STEP = 21
HISTORIES = {"8 weeks": 56, "17 weeks": 119, "52 weeks": 364}
PASTS = {"8 weeks": 400, "17 weeks": 300, "52 weeks": 200}
"""So many that each cell's standard error is under a point."""
OURS = "forecast"
HEAVY = "ridge on lags"

app = typer.Typer(help=__doc__, no_args_is_help=True, rich_markup_mode=None)
Cases = Iterable[tuple[pd.Series, np.ndarray]]


@app.command()
def report(
    csv: Annotated[
        Path | None, typer.Option(help="Daily series instead: columns series, day, value.")
    ] = None,
    seed: int = SEED,
    series: int = 111,
    heavy: Annotated[bool, typer.Option(help="Also the heavier model.")] = True,
) -> None:
    """The daily forecast beside its rivals: accuracy, coverage, interval score, seconds.

    Three origins 21 days apart, the last 365 days of history, 14 days ahead.
    """
    if csv is not None:
        _tell(csv.name, _cases(_read(csv)), heavy=heavy)
        return
    _tell(
        f"{series} UK-like series, origins in spring, seed {seed}",
        _cases(uk_series(series, seed, start=SPRING_START)),
        heavy=heavy,
    )
    _tell(
        f"{series} UK-like series, origins at any time, seed {seed + 1}",
        _cases(uk_series(series, seed + 1)),
        heavy=heavy,
    )
    for name, days in HISTORIES.items():
        made = list(platform_series(120, seed + 2, days + HORIZON))
        _tell(f"platform days, {name}, seed {seed + 2}", _ends(one.daily for one in made), heavy)
        _tell(f"platform 7-day line, {name}", _ends(one.line for one in made), heavy=False)


@app.command()
def headline(
    seed: int = HEADLINE_SEED,
    pasts: Annotated[
        int, typer.Option(help="Pasts of each kind of truth instead of 400, 300 and 100.")
    ] = 0,
    others: Annotated[bool, typer.Option(help="Kinds of truth that nothing was tuned on.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write every cell to this file.")] = None,
) -> None:
    """The headline by kind of truth and weeks known: coverage by days ahead, beside "no change".

    Each past goes on in 200 futures. Standard errors are over pasts.
    """
    found = []
    print("MAE and IS of weeks 1 to 4 as shares of those of no change")
    for name, days in HISTORIES.items():
        for truth in OTHER_TRUTHS if others else TRUTHS:
            one = measured(truth, days, pasts or PASTS[name], seed)
            chosen = mean(one.chose_no_change)
            stored, plain = one.stored, one.no_change
            ratios = [stored.of_weeks(of) / plain.of_weeks(of) for of in ("error", "score")]
            print(
                f"\n{name}, {truth}: {len(stored.covered)} pasts, {chosen:.0%} no change, ", end=""
            )
            print(
                f"MAE {ratios[0].mean():.3f}, IS80 {ratios[1][0]:.3f}, IS95 {ratios[1][1]:.3f}",
                flush=True,
            )
            found += rows((name, truth, "stored"), stored)
            found += rows((name, truth, "no change"), plain)
            _tell_cells(stored)
    if csv is not None:
        table(found, ("history", "truth", "method")).to_csv(csv, index=False)


@app.command()
def outside(
    wheels: Annotated[Path, typer.Argument(help="Where the wheels of outside_series.py lie.")],
    further: Annotated[bool, typer.Option(help="The series that were chosen later.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write every cell to this file.")] = None,
) -> None:
    """The headline from rolling origins of series that nobody here made, by days ahead."""
    series = list(outside_series(wheels, FURTHER_SOURCES if further else SOURCES))
    found = []
    for form in FORMS:
        made = [(name, in_form(one, form, number)) for number, (name, one) in enumerate(series)]
        for history, days in HISTORIES.items():
            each = [one for name, line in made if (one := rolled(name, line, days))]
            print(f"\n{form}, {history}: {len(each)} series")
            print("days ahead  level     n  covered  s.e. alone  95 % of block bootstrap")
            for cell in covered(each):
                print(
                    f"{cell.days_ahead:10}  {cell.level:5.0%}  {cell.forecasts:4}"
                    f"  {cell.share:7.1%}  {cell.alone:10.1%}  {cell.low:7.1%} to {cell.high:.1%}",
                    flush=True,
                )
                found.append({"form": form, "history": history, **asdict(cell)})
            print(
                "series                                             no change  80 %  95 %"
                "  IS80, IS95 (of no change's)"
            )
            for one in each:
                of_weeks = one.stored.of_weeks("covered")
                ratio = one.stored.of_weeks("score") / one.no_change.of_weeks("score")
                print(
                    f"{one.name:50} {one.chose_no_change:9.0%}  {of_weeks[0]:4.0%}  "
                    f"{of_weeks[1]:4.0%}  {ratio[0]:.2f}, {ratio[1]:.2f}"
                )
    if csv is not None:
        pd.DataFrame(found).to_csv(csv, index=False)


@app.command()
def year(
    days: Annotated[int, typer.Option(help="Days published.")] = 365, seed: int = SEED
) -> None:
    """Publish and forecast a simulated year in a home, and work its hit rates out independently."""
    raise typer.Exit(recomputed(days, seed + 5))


@app.command()
def speed(seed: int = SEED) -> None:
    """Seconds for six series of a year: the daily forecast, and the headline with its backtest."""
    made = list(platform_series(6, seed + 4, 364, least_people=120))
    forecast(made[0].daily, HORIZON)
    began = time.perf_counter()
    for one in made:
        forecast(one.daily, HORIZON)
    between = time.perf_counter()
    for one in made:
        forecast_headline(one.line, one.daily)
    print(f"six series: forecast {between - began:.2f} s, ", end="")
    print(f"headline {time.perf_counter() - between:.2f} s")


def _tell(title: str, cases: Cases, heavy: bool = True) -> None:
    tallies = {name: Tally() for name in (OURS, *RIVALS, *([HEAVY] if heavy else []))}
    for history, came in cases:
        known = history.to_numpy(dtype=float)
        try:
            _add(tallies, history, known, came)
        except TooFewDays:
            continue
    print(f"\n{title}: {len(tallies[OURS].mase)} forecasts")
    print("                 MASE   OWA   /sNaive  in 80 %  in 95 %   IS80    IS95    s each")
    for name, one in tallies.items():
        ratio = mean(one.mase) / mean(tallies["seasonal naive"].mase)
        print(
            f"{name:15} {mean(one.mase):6.3f} {one.owa(tallies['naive2']):6.3f}  {ratio:6.3f}  "
            f"{_or_none(one.in80, '7.1%')}  {_or_none(one.in95, '7.1%')}  "
            f"{_or_none(one.score80, '6.3f')}  {_or_none(one.score95, '6.3f')}  "
            f"{mean(one.seconds):7.3f}"
        )


def _add(
    tallies: dict[str, Tally], history: pd.Series, known: np.ndarray, came: np.ndarray
) -> None:
    first = dt.date.fromisoformat(str(history.index[0])[:10])
    scale = mase_scale(known)
    began = time.perf_counter()
    bands = forecast(history, HORIZON).to_numpy()
    tallies[OURS].add(bands, came, scale, time.perf_counter() - began)
    for name, way in RIVALS.items():
        began = time.perf_counter()
        bands = bands_of(way, known, first)
        tallies[name].add(bands, came, scale, time.perf_counter() - began)
    if HEAVY in tallies:
        began = time.perf_counter()
        means = ridge(known, np.array([len(known) - 1]), first)
        tallies[HEAVY].add(means.T, came, scale, time.perf_counter() - began)


def _cases(made: Iterable[pd.Series]) -> Iterator[tuple[pd.Series, np.ndarray]]:
    for one in made:
        for back in (2, 1, 0):
            origin = len(one) - HORIZON - back * STEP
            history = one.iloc[max(0, origin - LAST_DAYS) : origin]
            yield history, one.to_numpy(dtype=float)[origin : origin + HORIZON]


def _ends(made: Iterable[pd.Series]) -> Iterator[tuple[pd.Series, np.ndarray]]:
    for one in made:
        yield one.iloc[:-HORIZON], one.to_numpy(dtype=float)[-HORIZON:]


def _read(path: Path) -> Iterator[pd.Series]:
    frame = pd.read_csv(path)
    for _, of_series in frame.groupby("series"):
        days = pd.DatetimeIndex([dt.date.fromisoformat(day) for day in of_series["day"]])
        values = pd.Series(of_series["value"].to_numpy(dtype=float), index=days).sort_index()
        yield values.reindex(pd.date_range(values.index[0], values.index[-1], freq="D"))


def _tell_cells(one: Cells) -> None:
    print("days ahead   80 %  s.e.    95 %  s.e.  width 80   width 95")
    shares, errors = one.mean_and_error("covered")
    widths, _ = one.mean_and_error("width")
    for days, share, error, width in zip(HORIZONS, shares, errors, widths, strict=True):
        print(
            f"{days:10}  {share[0]:6.1%} {error[0]:5.1%}  {share[1]:6.1%} {error[1]:5.1%}"
            f"  {width[0]:8.4f}   {width[1]:8.4f}"
        )


def _or_none(numbers: list[float], form: str) -> str:
    return format(mean(numbers), form) if numbers else "-".rjust(int(form[0]))


if __name__ == "__main__":
    app()
