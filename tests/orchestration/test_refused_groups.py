import errno
import io
import os
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest

from assets.restricted.scrubbing import gate, group_step
from orchestration.runs import failure_code
from resources.base.database.tables import vectors

pytestmark = pytest.mark.slow

DAY = date(2026, 10, 12)


def zipped(content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr("_chat.txt", content)
    return archive.getvalue()


def test_each_damaged_file_is_reported_and_the_others_go_on(house, chat) -> None:
    """An older good file still serves behind a damaged newer one."""
    good = chat(DAY, DAY)
    damaged = {
        "EXPORT_EMPTY": b"",
        "EXPORT_BINARY": b"\x00\x01\x02" * 500,
        "EXPORT_NOT_UTF8": "Größe ist wichtig\n".encode("latin-1") * 50,
        "EXPORT_NO_HEADERS": b"just some words\n" * 50,
        "EXPORT_ZIP_DAMAGED": zipped(good)[:-40],
        # The clock of the house stands at 15 October 2026.
        "EXPORT_DATED_IN_FUTURE": chat(date(2026, 10, 18), date(2026, 10, 18)),
    }
    before, after = house.grant(), None
    refs = {code: house.grant() for code in damaged}
    broken, after = house.grant(), house.grant()
    house.deliver(before, good)
    house.deliver(after, zipped(good))
    for code, ref in refs.items():
        house.deliver(ref, damaged[code])
    sealed = Path(house.deliver(broken, good).path)
    sealed.write_bytes(sealed.read_bytes()[:-20])
    refs["EXPORT_SEAL_BROKEN"] = broken
    older = house.grant()
    house.deliver(older, good)
    house.clock.moment += timedelta(minutes=1)
    house.deliver(older, b"")

    assert house.run("collect", DAY) == "GROUPS_REFUSED"
    codes = {ref: {code} for code, ref in refs.items()}
    assert house.codes() == {**codes, older: {"EXPORT_EMPTY"}}
    assert house.group_days() == {(DAY, before), (DAY, after), (DAY, older)}
    assert {row[2] for row in house.rows(vectors)[0]} == {before, after, older}

    # The run is visibly red until each is mended, and then it is not.
    assert house.run("collect", DAY) == "GROUPS_REFUSED"
    house.clock.set_to(date(2026, 10, 15), hour=10)
    for ref in (older, *refs.values()):
        house.deliver(ref, good)
    assert house.run("collect", DAY) is None
    assert house.group_days() == {(DAY, ref) for ref in (before, after, older, *refs.values())}


@pytest.mark.usefixtures("leaky_scrubber")
def test_a_day_that_fails_the_gate_stores_nothing_and_the_others_are_stored(house, chat) -> None:
    last = date(2026, 10, 13)
    good = house.grant()
    leaky = house.grant()
    house.deliver(good, chat(DAY, last))
    house.deliver(leaky, chat(DAY, last).replace(b"kettle", b"kettle leak", 1))
    result = house.materialise("scrubbed_vectors", DAY)
    assert failure_code(result.all_events) == "GROUPS_REFUSED"
    told = {one.check_name: one.passed for one in result.get_asset_check_evaluations()}
    assert told == {
        "only_reviewed_words": False,
        "no_group_refused": False,
        "only_vectors_stored": True,
    }
    assert house.codes() == {leaky: {"SCRUB_DIGIT_FOUND"}}
    assert house.run("collect", DAY, last) == "GROUPS_REFUSED"
    assert house.group_days() == {(DAY, good), (last, good), (last, leaky)}
    assert (DAY, leaky) not in {(row[1], row[2]) for row in house.rows(vectors)[0]}


@pytest.mark.usefixtures("leaky_scrubber")
@pytest.mark.parametrize("killed", [False, True], ids=["one run", "killed before it asserted"])
def test_what_a_blind_gate_lets_through_the_suite_destroys_before_it_is_read(
    house, chat, monkeypatch: pytest.MonkeyPatch, killed
) -> None:
    good, leaky = house.grant(), house.grant()
    house.deliver(good, chat(DAY, DAY))
    house.deliver(leaky, chat(DAY, DAY).replace(b"kettle", b"kettle leak", 1))
    with monkeypatch.context() as patch:
        patch.setattr(gate, "out_of_range", lambda rows, _: [frozenset()] * len(rows))
        if killed:
            with monkeypatch.context() as death:
                death.setattr(group_step, "broken_promises", lambda _: 1 / 0)
                assert house.run("collect", DAY) is not None
            assert {row[7] for row in house.rows(vectors)[0]} == {False}
        result = house.materialise("scrubbed_vectors", DAY)
    told = {one.check_name: one.passed for one in result.get_asset_check_evaluations()}
    assert told["only_reviewed_words"] is False
    assert {row[2]: row[7] for row in house.rows(vectors)[0]} == {good: False, leaky: True}
    assert not list(house.session.home.vectors.rglob(f"{leaky}-*"))
    newest = house.resources["scrub_records"].newest_verdicts("greater_london", [DAY])
    assert {one.group_ref: one.code for one in newest} == {good: None, leaky: "SCRUB_DIGIT_FOUND"}
    assert house.run("collect", DAY) == "GROUPS_REFUSED"
    assert house.codes() == {leaky: {"SCRUB_DIGIT_FOUND"}}
    assert house.group_days() == {(DAY, good)}


def test_a_full_disk_stops_the_run_and_leaves_nothing_half_stored(
    house, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = house.groups(2, DAY, DAY)
    real, calls = os.fsync, 0

    def full(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 4:  # the second group's vectors; the third was its key
            raise OSError(errno.ENOSPC, "full")
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert house.run("collect", DAY) == "DISK_FULL"
    assert {row[2] for row in house.rows(vectors)[0]} == {refs[0]}
    home = house.session.home
    assert len([path for path in home.vectors.rglob("*") if path.is_file()]) == 1
    assert len(list(home.keys.iterdir())) == 1
    assert house.run("collect", DAY) is None
    assert house.group_days() == {(DAY, ref) for ref in refs}


def test_vectors_that_were_changed_are_made_anew(house) -> None:
    (ref,) = house.groups(1, DAY, DAY)
    assert house.materialise("scrubbed_vectors", DAY).success
    (path,) = house.session.home.vectors.rglob("*.sealed")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert not house.materialise("group_scores", DAY).success
    assert house.codes() == {ref: {"SEALED_DATA_DAMAGED"}}
    assert house.group_days() == set()
    assert house.run("collect", DAY) is None
    assert house.group_days() == {(DAY, ref)}


def test_a_score_that_is_none_is_refused_and_the_others_are_stored(
    house, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = house.groups(2, DAY, DAY)
    from assets.restricted.scoring.seed_model import SeedModel

    real, calls = SeedModel.score, 0

    def score(self, embeddings):
        nonlocal calls
        calls += 1
        found = real(self, embeddings)
        return (
            {name: values * float("nan") for name, values in found.items()} if calls == 1 else found
        )

    monkeypatch.setattr(SeedModel, "score", score)
    assert house.run("collect", DAY) == "GROUPS_REFUSED"
    assert len(house.group_days()) == 1
    (refused,) = house.codes().items()
    assert refused[0] in refs
    assert refused[1] == {"SCORE_OUT_OF_RANGE"}


def test_without_the_identity_the_run_says_so(house) -> None:
    house.groups(1, DAY, DAY)
    (house.session.home.secrets / "inbox.identity").unlink()
    assert house.run("collect", DAY) == "INBOX_IDENTITY_MISSING"
    assert house.group_days() == set()
