"""A release is a folder: whole, never changed, made again of itself, rid of what is taken back."""

import datetime as dt
import functools
import hashlib
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import sys

import made_house
import pandas as pd
import pytest
from made_house import NOW, newest, retract, write

from assets.core.errors import PublicationError, StorageError
from assets.core.public_files import MADE_OF
from assets.public.page import asset
from assets.public.page.checks import files_that_differ
from assets.public.page.release_files import make_release
from assets.public.page.taken_back import without
from resources.stores.published import releases as releases_module
from resources.stores.published.publishing import only_publisher
from resources.stores.published.releases import Releases, TakenBack, pointer

LONDON, EAST = "greater_london", "east_of_england"
AN_HOUR = dt.timedelta(hours=1)


@pytest.fixture
def house(made, tmp_path):
    return made_house.make_house(made, tmp_path)


@pytest.fixture(scope="module")
def first_release(made, tmp_path_factory):
    """Folders of a house's first release, made once for each value of London's last day."""

    @functools.cache
    def public_of(value):
        once = made_house.make_house(made, tmp_path_factory.mktemp("once"))
        if value is not None:
            set_value(made, once, 59, value)
        write(once)
        return once.public

    return public_of


@pytest.fixture
def write_first(made, house, first_release):
    """`write` for the first time, which gives the same in each house."""

    def copied(value=None):
        if value is not None:
            set_value(made, house, 59, value)
        shutil.copytree(first_release(value), house.public, dirs_exist_ok=True)

    return copied


@pytest.fixture(scope="module")
def releases_made(made, tmp_path_factory):
    """Houses of one, two and three releases that each show the same last value, made once."""

    @functools.cache
    def of_so_many(number):
        root = tmp_path_factory.mktemp("releases")
        if number == 0:
            house = made_house.make_house(made, root)
            set_value(made, house, 59, 0.77654321)
            house.vintages.path(LONDON, made.day(59)).unlink()
            made_house.forecast(made, house, 59, NOW)
            return house
        house = made_house.copy_of(of_so_many(number - 1), root)
        house.now += AN_HOUR
        set_value(made, house, 10, 0.5 + number / 100)
        write(house)
        return house

    return of_so_many


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name[0] != "."}


def everything(house):
    return b"".join(path.read_bytes() for path in house.public.rglob("*") if path.is_file())


def set_value(made, house, day, value):
    """Give burnout in London another value of one day, and an estimate."""
    where = {"region": LONDON, "construct": "burnout", "day": made.day(day)}
    house.published = made.changed(house.published, where, value_7d=value, estimate=value + 0.01)
    names = ["value_7d", "estimate"]
    house.published = house.published.astype(dict.fromkeys(names, float))


def test_the_front_page_leads_into_its_release_and_nowhere_else(house, write_first):
    write_first()
    front = (house.public / "index.html").read_text("utf-8")
    own = re.sub(r"<pre>.*?</pre>", "", front, flags=re.DOTALL)
    links = {one for one in re.findall(r'href="([^"#]+)"', own) if ":" not in one}
    assert {one for one in links if not one.startswith("releases/1/")} == {"feed.xml"}
    assert all((house.public / one).is_file() for one in links)
    files, led_to = contents(newest(house)), 0
    read = {one: content.decode() for one, content in files.items() if one.endswith(".html")}
    for name, content in files.items():
        if name.endswith(".html"):
            page = re.sub(r"<(pre|script)[ >].*?</\1>", "", content.decode(), flags=re.DOTALL)
            links = {one for one in re.findall(r'href="([^"#]+)"', page) if ":" not in one}
            assert all((newest(house) / one).is_file() for one in links), (name, links)
            places = re.findall(r'href="([^"#:]+)#([^"]+)"', page)
            assert all(f'id="{id_}"' in read[one] for one, id_ in places), (name, places)
            led_to += name == "index.html" and len(places)
    assert led_to == 6
    assert {path.name for path in house.public.iterdir() if path.name[0] != "."} == {
        "index.html",
        "feed.xml",
        "releases",
        "forecasts",
    }


def test_only_what_is_new_is_a_release_and_none_is_ever_changed(made, house, write_first):
    write_first()
    first = contents(house.public / "releases" / "1")
    house.now = NOW + AN_HOUR
    write(house)
    assert Releases(house.public).numbers() == [1]
    front = (house.public / "index.html").read_bytes()
    for number, value in ((2, 0.51), (3, 0.52)):
        house.now += AN_HOUR
        set_value(made, house, 59, value)
        write(house)
        assert newest(house).name == str(number)
    assert contents(house.public / "releases" / "1") == first
    assert (house.public / "index.html").read_bytes() != front
    manifests = [
        json.loads((house.public / "releases" / one / "manifest.json").read_bytes())
        for one in "123"
    ]
    assert [one["release"] for one in manifests] == [1, 2, 3]
    assert manifests[0]["manifest_before"] is None
    digest = hashlib.sha256(first["manifest.json"]).hexdigest()
    assert manifests[1]["manifest_before"] == digest
    assert manifests[2]["next_release"] == "2026-11-04"


def test_a_manifest_has_every_file_and_the_release_is_made_again_of_itself(house, write_first):
    write_first()
    files = contents(newest(house))
    manifest = json.loads(files.pop("manifest.json"))
    assert {name: one["sha256"] for name, one in manifest["files"].items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    assert {one["bytes"] for one in manifest["files"].values()} == set(map(len, files.values()))
    again = make_release({name: files[name] for name in MADE_OF if name in files})
    assert again.files == files
    assert again.front == (house.public / "index.html").read_bytes()
    assert again.feed == (house.public / "feed.xml").read_bytes()
    assert set(manifest["made_by"]) == {"tideline", "code_sha256", "libraries"}


def test_what_is_new_is_said_in_change_log_and_feed(made, house, write_first):
    write_first()
    house.now += AN_HOUR
    retract(house, LONDON, made.day(41), house.now)
    house.published = made.changed(
        house.published, {"region": EAST, "day": made.day(50)}, revision=1
    ).astype({"revision": int})
    house.now += AN_HOUR
    write(house)
    said = "Values of 1 day in Greater London were taken back because of an error in scoring."
    drawn = "1 day in East of England was drawn again, as a revision."
    for text in (contents(newest(house))["changes.html"], (house.public / "feed.xml").read_bytes()):
        assert f"{said} {drawn}" in text.decode()
        assert "Days up to 30 October 2026." in text.decode()


@pytest.mark.parametrize("scope", ["all", "value_7d"])
def test_after_a_retraction_no_byte_of_the_value_is_left(made, releases_made, tmp_path, scope):
    # The newest of the line, so that "no change" carries it on, and forecasts say it too.
    house = made_house.copy_of(releases_made(2), tmp_path)
    value = re.compile(rb"0\.7765\d*|0\.777|\b777[/ \"]")
    assert len(value.findall(everything(house))) > 20
    before = contents(house.public / "releases" / "1")
    house.now += AN_HOUR
    retract(house, LONDON, made.day(59), house.now, scope=scope)
    house.now += AN_HOUR
    write(house)
    assert newest(house).name == "3"
    left = everything(house)
    if scope == "value_7d":
        left = left.replace(b"0.787", b"")
    assert value.findall(left) == []
    after = contents(house.public / "releases" / "1")
    tombstone, was = json.loads(after["tombstone.json"]), json.loads(before["manifest.json"])
    # Of a picture a value could be found by trying all of three decimals.
    manifest = json.loads(after["manifest.json"])
    assert "made_of" not in manifest
    assert list(manifest["files"]) == list(was["files"])
    for name, one in was["files"].items():
        assert manifest["files"][name] == {} or after[name] == before[name]
        assert after[name] == before[name] or one["sha256"].encode() not in left
    stay = ("facts.json", "evidence.json", "evidence.html", "members.html")
    for name in (*stay, "burnout-east_of_england.png"):
        assert manifest["files"][name] == was["files"][name]
    first = hashlib.sha256(before["manifest.json"]).hexdigest()
    second = json.loads((house.public / "releases" / "2" / "tombstone.json").read_bytes())
    assert tombstone["manifest_sha256"] == first
    assert (
        json.loads(contents(newest(house))["manifest.json"])["manifest_before"]
        == (second["manifest_sha256"])
    )
    (gone,) = tombstone["taken_back"]
    assert (gone["region"], gone["day"], gone["scope"]) == (LONDON, "2026-10-30", scope)
    assert b"were taken back because of an error in scoring" in after["index.html"]
    assert after["burnout-greater_london.png"] != before["burnout-greater_london.png"]
    assert after["burnout-east_of_england.png"] == before["burnout-east_of_england.png"]
    rows = pd.read_csv(house.public / "releases" / "1" / "latest.csv")
    stays = pd.read_csv(house.public / "releases" / "3" / "latest.csv")
    of_east = rows["region"] == EAST
    pd.testing.assert_frame_equal(rows[of_east], stays[of_east])
    assert rows["value_7d"].notna().sum() == stays["value_7d"].notna().sum()
    package = json.loads(after["datapackage.json"])["resources"][0]
    assert package["hash"] == f"sha256:{hashlib.sha256(after['latest.csv']).hexdigest()}"
    done = everything(house)
    write(house)
    assert everything(house) == done


class Stops:
    """`write_once`, until so many files are written."""

    def __init__(self, monkeypatch, after, error):
        self.written, self._after, self._error = 0, after, error
        self._write = releases_module.write_once
        monkeypatch.setattr(releases_module, "write_once", self)

    def __call__(self, *args, **how):
        if self.written == self._after:
            raise self._error
        self._write(*args, **how)
        self.written += 1


@pytest.mark.parametrize("error", [KeyboardInterrupt(), StorageError("DISK_FULL")], ids=repr)
def test_a_tombstone_cut_off_after_any_write_is_gone_on_with(
    made, house, write_first, monkeypatch, tmp_path, error, full
):
    write_first(0.77654321)
    gone = [TakenBack(LONDON, made.day(59), 0, "all", "scoring_error", NOW + AN_HOUR)]
    after, copy = 0, tmp_path / "copy"
    while True:
        shutil.copytree(house.public / "releases", copy / "releases")
        releases = Releases(copy)
        with monkeypatch.context() as patched:
            stops = Stops(patched, after, error)
            try:
                laid = releases.lay_tombstones(gone, without)
            except KeyboardInterrupt:
                laid = None
        cut_off = laid is None or bool(laid.failed)
        if cut_off:
            assert stops.written == after
            assert releases.lay_tombstones(gone, without).touched == [1]
        left = b"".join(contents(releases.folder(1)).values())
        assert not re.search(rb"0\.7765|0\.777", left), after
        shutil.rmtree(copy)
        if not cut_off:
            break
        after += 1 if full else 4
    assert after > 10


def test_what_was_drawn_again_after_it_was_taken_back_stands(made, house, write_first):
    write_first()
    retract(house, LONDON, made.day(59), NOW + AN_HOUR)
    where = {"region": LONDON, "day": made.day(59)}
    house.published = made.changed(
        house.published, where, status="published", reason=None, revision=1, value_7d=0.4
    )
    house.published = house.published.astype({"revision": int, "value_7d": float})
    house.now += 2 * AN_HOUR
    write(house)
    assert "tombstone.json" not in contents(newest(house))
    assert "tombstone.json" in contents(house.public / "releases" / "1")
    assert b"0.400" in contents(newest(house))["latest.csv"]


def test_where_no_page_can_be_made_the_value_goes_all_the_same(
    made, house, write_first, monkeypatch
):
    write_first(0.77654321)
    retract(house, LONDON, made.day(59), NOW + AN_HOUR)

    def fails(*_):
        raise PublicationError("PAGE_DRAWING_WRONG")

    monkeypatch.setattr(asset, "make_release", fails)
    with pytest.raises(PublicationError):
        write(house)
    assert b"0.777" not in everything(house)
    assert (
        b"Values that this page showed were taken back"
        in (house.public / "index.html").read_bytes()
    )
    assert Releases(house.public).pointed() is None
    monkeypatch.undo()
    house.now += 2 * AN_HOUR
    write(house)
    assert newest(house).name == "2"
    assert "Values of 1 day in Greater London were taken back" in (
        contents(newest(house))["changes.html"].decode()
    )


def _fails(*_):
    raise PublicationError("PAGE_DRAWING_WRONG")


def test_where_no_page_can_be_made_nothing_older_or_half_written_shows_it(made, house, monkeypatch):
    (house.public / "releases" / ".1.abcd.partial").mkdir(parents=True)
    (house.public / "releases" / ".1.abcd.partial" / "latest.csv").write_text("0.777")
    for name in ("index.html", "latest.csv", "burnout-greater_london.svg"):
        (house.public / name).write_text("0.777")
    retract(house, LONDON, made.day(59), NOW + AN_HOUR)
    monkeypatch.setattr(asset, "make_release", _fails)
    with pytest.raises(PublicationError, match="PAGE_DRAWING_WRONG"):
        write(house)
    assert b"0.777" not in everything(house)
    assert b"were taken back" in (house.public / "index.html").read_bytes()


def test_a_publisher_killed_before_its_notice_is_gone_on_from(
    made, house, write_first, monkeypatch
):
    write_first(0.77654321)
    retract(house, LONDON, made.day(59), NOW + AN_HOUR)

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(asset, "make_release", _fails)
    with monkeypatch.context() as patched:
        patched.setattr(Releases, "point", killed)
        with pytest.raises(KeyboardInterrupt):
            write(house)
    assert Releases(house.public).not_yet_gone(house.retracted) == house.retracted
    with pytest.raises(PublicationError, match="PAGE_DRAWING_WRONG"):
        write(house)
    assert Releases(house.public).not_yet_gone(house.retracted) == []
    assert b"0.777" not in everything(house)


@pytest.mark.parametrize("damaged", [1, 3])
def test_one_damaged_folder_keeps_the_value_in_no_other(made, releases_made, tmp_path, damaged):
    house = made_house.copy_of(releases_made(3), tmp_path)
    (Releases(house.public).folder(damaged) / "manifest.json").write_bytes(b"{")
    # A file that is missing is no damage to taking out.
    (Releases(house.public).folder(2) / "members.html").unlink()
    house.now += AN_HOUR
    retract(house, LONDON, made.day(59), house.now)
    with pytest.raises(PublicationError, match="RELEASE_FOLDER_DAMAGED"):
        write(house)
    shutil.rmtree(Releases(house.public).folder(damaged))
    assert b"0.777" not in everything(house)
    assert Releases(house.public).not_yet_gone(house.retracted) == house.retracted
    write(house)
    assert Releases(house.public).not_yet_gone(house.retracted) == []


def test_without_a_register_forecasts_are_left_out_and_stay_as_they_were(made, house):
    path = house.vintages.path(LONDON, made.day(59))
    path.unlink()
    made_house.forecast(made, house, 59, NOW, withheld=())
    before = path.read_bytes()
    assert isinstance(json.loads(before)["constructs"]["resistance"], dict)
    write(house)
    assert path.read_bytes() == before
    rows = pd.read_csv(newest(house) / "latest.csv")
    shown = set(rows.loc[rows["row"] == "forecast", "construct"])
    assert "burnout" in shown
    assert "resistance" not in shown
    for name in ("vintages.csv", "hit_rates.csv"):
        assert b"resistance" not in (newest(house) / name).read_bytes()


def test_a_publisher_killed_before_it_led_readers_there_is_gone_on_from(house, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Releases, "point", killed)
    with pytest.raises(KeyboardInterrupt):
        write(house)
    assert Releases(house.public).numbers() == [1]
    monkeypatch.undo()
    house.now += AN_HOUR
    write(house)
    assert newest(house).name == "1"
    assert Releases(house.public).numbers() == [1]


def test_what_an_earlier_version_wrote_beside_the_page_goes(house):
    house.public.mkdir(exist_ok=True)
    earlier = ("latest.csv", "year.html", "relations.json", "burnout-greater_london.svg")
    for name in (*earlier, "index.html", "planted_trend.csv", "robots.txt"):
        (house.public / name).write_text(name)
    write(house)
    names = {path.name for path in house.public.iterdir()}
    assert names.isdisjoint({*earlier, "planted_trend.csv"})
    assert (house.public / "robots.txt").read_text() == "robots.txt"
    assert (house.root / "planted_trend.csv").read_text() == "planted_trend.csv"


SEED = 23
ACTS = 30
"""What one swap does with files, about."""
FORK = multiprocessing.get_context("fork")


def swap_many(public, until):
    releases = Releases(public)
    while (number := max(releases.numbers(), default=0) + 1) <= until:
        with only_publisher(public):
            releases.clear(())
            files = {name: f"{number}\n".encode() * 200 for name in ("a.html", "b.csv")}
            releases.add(number, files, {})
            links = "".join(f'<a href="releases/{number}/{name}">' for name in files)
            releases.point(f"{pointer(number, '')}{links}".encode())


def swap_until_killed(public, until, last):
    """As `swap_many`, but killed before it does something with a file for the `last` time."""
    left = last

    def count(event, _):
        nonlocal left
        if event == "open" or event.startswith("os."):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    swap_many(public, until)


def test_many_reads_during_many_swaps_with_kills_never_see_two_releases(tmp_path, full):
    swaps, least = (200, 10_000) if full else (40, 1_500)
    rng, ended, reads, seen = random.Random(SEED), [], 0, set()
    releases = Releases(tmp_path)
    swap_many(tmp_path, 1)
    going = None
    while reads < least or 0 not in ended:
        if going is None and 0 not in ended:
            given = (tmp_path, swaps, rng.randint(ACTS // 2, 6 * ACTS))
            going = FORK.Process(target=swap_until_killed, args=given)
            going.start()
        front = (tmp_path / "index.html").read_text()
        (number,) = re.findall(r'content="(\d+) "', front)
        manifest = json.loads((tmp_path / "releases" / number / "manifest.json").read_bytes())
        for link in re.findall(r'href="(.*?)"', front):
            content = (tmp_path / link).read_bytes()
            listed = manifest["files"][link.rpartition("/")[2]]
            assert set(content.decode().split()) == {number}, SEED
            assert hashlib.sha256(content).hexdigest() == listed["sha256"], SEED
            reads += 1
        seen.add(number)
        if going is not None and not going.is_alive():
            going.join()
            ended.append(going.exitcode)
            going = None
    assert set(ended) == {0, -signal.SIGKILL}
    assert len(ended) > swaps // 20
    assert len(seen) > swaps // 5
    assert releases.numbers() == list(range(1, swaps + 1))
    with only_publisher(tmp_path):
        releases.clear(())
    assert list(tmp_path.rglob("*.partial")) == []


def test_a_damaged_release_says_so(tmp_path):
    (tmp_path / "releases" / "1").mkdir(parents=True)
    gone = TakenBack(LONDON, NOW.date(), 0, "all", "scoring_error", NOW)
    laid = Releases(tmp_path).lay_tombstones([gone], lambda *_: {})
    assert {one: str(why) for one, why in laid.failed.items()} == {1: "RELEASE_FOLDER_DAMAGED"}


def test_a_file_that_is_not_as_the_manifest_lists_it_is_counted(house, write_first):
    write_first()
    releases = Releases(house.public)
    (number,) = releases.numbers()
    listed, wrong = files_that_differ(releases, number)
    assert (listed > len(MADE_OF), wrong) == (True, 0)
    folder = releases.folder(number)
    (folder / MADE_OF[0]).write_bytes((folder / MADE_OF[0]).read_bytes() + b"\n")
    (folder / MADE_OF[1]).unlink()
    assert files_that_differ(releases, number) == (listed, 2)
