"""A home's public side without a database: what the asset `dashboard` reads and writes."""

import datetime as dt
import shutil
from types import SimpleNamespace

import made_evidence
import numpy as np
import pandas as pd

from assets.core.modes import Mode
from assets.public.forecasting.vintages import Vintages
from assets.public.page.asset import write_dashboard
from resources.stores.published.published_values import state_of
from resources.stores.published.releases import Releases, TakenBack
from resources.stores.study.harm_review import SENSITIVE

NOW = dt.datetime(2026, 11, 3, 7, 10, tzinfo=dt.UTC)
BREAKS = pd.DataFrame(columns=["day", "version_before", "version_after", "reason"])
VALUES = {
    "all": ("estimate", "standard_error"),
    "value_7d": ("value_7d", "standard_error_7d", "detectable_change_7d"),
    "value_28d": ("value_28d", "standard_error_28d", "detectable_change_28d"),
}


def make_house(made, root):
    """With sixty days and a forecast of 7-day means in one region."""
    published, _ = made.tables()
    house = SimpleNamespace(
        root=root,
        public=root / "public",
        published=published,
        vintages=Vintages(root / "public" / "forecasts"),
        breaks=BREAKS,
        retracted=[],
        headline={},
        regions=made.regions,
        now=NOW,
    )
    forecast(made, house, 59, NOW)
    return house


def copy_of(house, root):
    """A house as it stands, in a folder of its own."""
    public = root / "public"
    shutil.copytree(house.public, public)
    copied = SimpleNamespace(**vars(house))
    copied.root, copied.public, copied.vintages = root, public, Vintages(public / "forecasts")
    copied.published = house.published.copy()
    copied.retracted, copied.headline = list(house.retracted), dict(house.headline)
    return copied


def forecast(made, house, last, at, region="greater_london", withheld=SENSITIVE):
    """Make the forecast from a day, by its number, as where there is no register."""
    mine = (house.published["region"] == region) & (house.published["day"] <= made.day(last))
    house.vintages.make(house.published[mine], region, made.day(last), at, withheld)


def retract(house, region, day, at, *, scope="all", revision=0):
    """Take values back, as the database would show it."""
    house.retracted.append(TakenBack(region, day, revision, scope, "scoring_error", at))
    rows = (house.published["region"] == region) & (house.published["day"] == day)
    rows &= (house.published["status"] == "published") & (house.published["revision"] <= revision)
    gone = sum(VALUES.values(), ()) if scope == "all" else VALUES[scope]
    house.published.loc[rows, list(gone)] = np.nan
    house.published.loc[rows, "reason"] = "scoring_error"
    if scope == "all":
        house.published.loc[rows, ["people_band", "micro_rho"]] = None
        house.published.loc[rows, "status"] = "retracted"


def write(house, *, daily_dots=False):
    """Publish. Returns the rows shown."""
    config = SimpleNamespace(
        mode=Mode.SYNTHETIC,
        regions=house.regions,
        contact="team@example.org",
        member_bases=(),
        daily_dots=daily_dots,
        close_after_days=3,
        home_id="0" * 32,
        headline_of=lambda region: house.headline.get(region, "value_7d"),
    )
    home = SimpleNamespace(
        config=config, regions=tuple(house.regions), root=house.root, public=house.public
    )
    values = SimpleNamespace(
        read=lambda: house.published,
        breaks=lambda: house.breaks,
        retractions=lambda: house.retracted,
        chain_head=lambda: (house.now.date().isoformat(), "a" * 64),
        evidence=lambda: made_evidence.cards(house.published),
    )
    clock = SimpleNamespace(now=lambda: house.now, today=house.now.date)
    return write_dashboard(home, values, house.vintages, clock)


def newest(house):
    """The folder of the release that stands."""
    releases = Releases(house.public)
    number, state = releases.pointed()
    assert state == state_of(house.published)
    return releases.folder(number)
