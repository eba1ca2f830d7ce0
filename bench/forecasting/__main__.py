"""`python -m bench.forecasting report`, `… headline`, `… speed`: see `--help`."""

import datetime as dt
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from assets.core.errors import TooFewDays
from assets.public.forecasting.backtest import WEEKS_AHEAD
from assets.public.forecasting.headline import forecast_headline
from bench.forecasting.daily_forecast import forecast
from bench.forecasting.measures import Tally, mase_scale, mean
from bench.forecasting.platform_series import TRUTHS, platform_series
from bench.forecasting.rivals import HORIZON, RIVALS, bands_of, ridge
from bench.forecasting.uk_series import SPRING_START, uk_series

# Nothing was tuned on these; tuning used 1, 2, 5, 11, 12, 21 and 22.
SEED = 1000
LAST_DAYS = 365
STEP = 21
HISTORIES = {"8 weeks": 56, "17 weeks": 119, "52 weeks": 364}
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
def headline(seed: int = SEED, series: int = 150) -> None:
    """The headline 1 to 4 weeks ahead against "no change", by kind of truth and weeks known."""
    print(
        "history   truth            n  no-change  MAE     IS80    IS95    (of no change's)"
        "  covered     no change covered  s"
    )
    for name, days in HISTORIES.items():
        for truth in TRUTHS:
            ours, theirs, chosen, began = Tally(), Tally(), [], time.perf_counter()
            for one in platform_series(series, seed + 3, days + WEEKS_AHEAD[-1], truths=(truth,)):
                try:
                    made = forecast_headline(one.line.iloc[:days], one.daily.iloc[:days])
                except TooFewDays:
                    continue
                weeks = np.array(WEEKS_AHEAD) - 1
                came = one.line.to_numpy()[days:][weeks]
                ours.add(made.ahead.to_numpy()[weeks], came, 1.0, 0.0)
                theirs.add(made.no_change.to_numpy()[weeks], came, 1.0, 0.0)
                chosen.append(made.method == "no_change")
            seconds = (time.perf_counter() - began) / max(len(chosen), 1)
            ratios = [
                mean(getattr(ours, of)) / mean(getattr(theirs, of))
                for of in ("mase", "score80", "score95")
            ]
            print(
                f"{name:9} {truth:15} {len(chosen):3}  {mean(chosen):8.0%}  "
                + "  ".join(f"{ratio:6.3f}" for ratio in ratios)
                + f"                   {_covered(ours)}       {_covered(theirs)}   {seconds:5.3f}"
            )


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
    table = pd.read_csv(path)
    for _, rows in table.groupby("series"):
        days = pd.DatetimeIndex([dt.date.fromisoformat(day) for day in rows["day"]])
        values = pd.Series(rows["value"].to_numpy(dtype=float), index=days).sort_index()
        yield values.reindex(pd.date_range(values.index[0], values.index[-1], freq="D"))


def _or_none(numbers: list[float], form: str) -> str:
    return format(mean(numbers), form) if numbers else "-".rjust(int(form[0]))


def _covered(tally: Tally) -> str:
    return f"{mean(tally.in80):6.1%}{mean(tally.in95):6.1%}"


if __name__ == "__main__":
    app()
