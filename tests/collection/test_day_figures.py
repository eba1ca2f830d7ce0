from datetime import date, timedelta

import numpy as np

from assets.restricted.collection.day_figures import DayFigures
from assets.restricted.collection.drift import drift_of_group

D = date(2026, 10, 1)


def test_every_day_has_a_row_and_days_without_messages_have_no_mean() -> None:
    figures = DayFigures()
    figures.note(D, "we are so tired today")
    figures.note(D, "ich bin nicht heute da und du")
    figures.note(D, "👍")
    frame = figures.frame(D, D + timedelta(days=1))
    assert list(frame["day"]) == [D, D + timedelta(days=1)]
    assert list(frame["messages"]) == [3, 0]
    assert frame["mean_length"][0] == (21 + 29 + 1) / 3
    assert frame["share_not_english"][0] == 0.5
    assert np.isnan(frame["mean_length"][1])
    assert np.isnan(frame["share_not_english"][1])


def test_a_quiet_day_among_busy_ones_is_told() -> None:
    figures = DayFigures()
    days = [D + timedelta(days=n) for n in range(14)]
    for day in days[:-1]:
        for _ in range(40):
            figures.note(day, "we are so tired today")
    assert drift_of_group(figures.frame(days[0], days[-1])) == {days[-1]: ["DRIFT_VOLUME"]}
