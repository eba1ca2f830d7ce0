"""Several processes that publish the same folder at once, some of them killed."""

import multiprocessing
import os
import random
import signal
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import wait
from types import SimpleNamespace

import made_evidence
import pytest

from assets.core.errors import StorageError
from assets.core.modes import Mode
from assets.public.forecasting.vintages import Vintages
from assets.public.page.asset import write_dashboard, written_state
from assets.public.relations.asset import write_relations
from bench.publishers import readable, whole
from resources.stores.published.published_values import state_of
from resources.stores.published.publishing import LOCK, only_publisher
from resources.stores.study.harm_review import withheld_forecasts

FORK = multiprocessing.get_context("fork")
NOW = datetime(2026, 11, 3, 7, 10, tzinfo=UTC)
AT_ONCE, SEED = 6, 11
BETWEEN_READINGS = 0.02
"""Seconds: who reads without a pause takes a processor from those who publish."""
LONDON = "greater_london"


@pytest.fixture
def publish(made, tmp_path):
    """Publishes the day of a number as the job does, and exits."""
    published, _ = made.tables()
    config = SimpleNamespace(
        mode=Mode.SYNTHETIC,
        regions=made.regions,
        contact="",
        member_bases=(),
        daily_dots=False,
        home_id="0" * 32,
        close_after_days=3,
        headline_of=lambda _: "value_7d",
    )
    home = SimpleNamespace(
        config=config, regions=tuple(made.regions), root=tmp_path, public=tmp_path / "public"
    )
    vintages = Vintages(home.public / "forecasts")

    def values(number):
        known = published[published["day"] <= made.day(number)]
        return SimpleNamespace(
            read=lambda: known,
            breaks=lambda: published.iloc[:0],
            retractions=list,
            chain_head=lambda: ("", ""),
            evidence=lambda: made_evidence.cards(known),
        )

    def publish(number, at=NOW):
        read = values(number).read
        clock = SimpleNamespace(now=lambda: at, today=NOW.date)
        of_region = read()[read()["region"] == LONDON]
        vintages.make(of_region, LONDON, made.day(number), at, withheld_forecasts(home))
        write_relations(home, values(number))
        write_dashboard(home, values(number), vintages, clock)

    return SimpleNamespace(
        public=home.public, run=publish, state=lambda number: state_of(values(number).read())
    )


def in_a_process(function, *arguments):
    def run():
        try:
            function(*arguments)
        except BaseException:  # noqa: BLE001  (the exit status is all that a parent sees)
            os._exit(1)
        os._exit(0)

    process = FORK.Process(target=run)
    process.start()
    return process


@pytest.mark.slow
def test_every_file_is_whole_at_every_moment(publish, made, full):
    publishers = 12 if full else 4
    rng = random.Random(SEED)
    going, ended, once_made, seen = {}, [], {}, {}
    begun = reads = 0
    while begun < publishers or going:
        while begun < publishers and len(going) < AT_ONCE:
            at = NOW + timedelta(minutes=begun)
            process = in_a_process(publish.run, 57 + begun * 3 // publishers, at)
            going[process] = time.monotonic() + (rng.uniform(0, 2) if begun % 3 == 0 else 999)
            begun += 1
        for path in readable(publish.public):
            content = path.read_bytes()
            reads += 1
            if seen.get(path) == content:
                continue
            assert whole(path, content), (path.name, SEED)
            seen[path] = content
            # The front page and the feed alone are ever another.
            if path.parent != publish.public:
                assert once_made.setdefault(path, content) == content, (path.name, SEED)
        for process, dies in list(going.items()):
            if process.is_alive() and time.monotonic() > dies:
                os.kill(process.pid, signal.SIGKILL)
                process.join()
            if not process.is_alive():
                process.join()
                ended.append(process.exitcode)
                del going[process]
        if going:
            wait([process.sentinel for process in going], BETWEEN_READINGS)
    assert set(ended) <= {0, -signal.SIGKILL}, SEED
    assert ended.count(0) >= publishers * 2 // 3
    assert reads > publishers
    publish.run(59)
    assert written_state(publish.public) == publish.state(59)
    assert list(publish.public.rglob(".*.partial")) == []
    names = {f"{made.day(number).isoformat()}.json" for number in (57, 58, 59)}
    assert {path.name for path in (publish.public / "forecasts" / LONDON).glob("*.json")} == names


def test_who_comes_second_waits_and_finds_the_forecast_made(publish, made):
    of_region = publish.public / "forecasts" / LONDON
    with only_publisher(of_region):
        second = in_a_process(publish.run, 59)
        second.join(0.5)
        assert second.is_alive()
        (of_region / f"{made.day(59).isoformat()}.json").write_text("{}")
    # Whatever it finds there stays; this one can't be shown, so that it is seen that it was found.
    second.join(300)
    assert second.exitcode == 1
    assert (of_region / f"{made.day(59).isoformat()}.json").read_text() == "{}"


def test_what_a_killed_publisher_left_is_deleted_by_the_next(tmp_path):
    (tmp_path / ".index.html.00000000.partial").write_text("<html>")
    with only_publisher(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == [LOCK]


def test_a_folder_that_can_hold_no_lock_says_so(tmp_path):
    (tmp_path / LOCK).mkdir()
    with pytest.raises(StorageError, match="DISK_NOT_WRITABLE"), only_publisher(tmp_path):
        pass
