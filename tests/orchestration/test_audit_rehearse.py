"""`tideline audit rehearse` end to end: clean as it is, not once a word has got out anywhere."""

import gzip
import io
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from command_line import exit_status

from assets.core.errors import CATALOGUE, StepFailed
from assets.core.names import EXTERNAL_ASSETS, PUBLIC_ASSETS, RESTRICTED_ASSETS
from orchestration.cli import audit_rehearse
from orchestration.cli.rehearsal.build import PUBLIC_CODE, differing, installed
from orchestration.cli.rehearsal.deployed import told_by_home
from orchestration.cli.rehearsal.scratch import Scratch, scratch
from orchestration.restricted import restricted_definitions
from resources.base.clock import Clock
from resources.base.database.postgres import embedded_url
from resources.maintenance.database_setup import as_owner
from resources.stores.published.releases import Releases

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*is currently in (beta|preview):Warning"),
]

WORD, NAME = "wobblequex", "Fennimarsh"
SAID = "so tired after the long shift and wobblequex rang me twice about it"
DAYS = 6
NOT_ON_THE_WAY = {"lifetimes_enforced", "validity_report", "regional_pulse"}


def _chat(*, zipped: bool) -> bytes:
    last = Clock().today() - timedelta(days=3)
    lines = []
    for number in range(DAYS):
        day = last - timedelta(days=DAYS - 1 - number)
        people = ("Quillon", "Zandermoor", NAME, "+44 7700 900461") * 2
        for minute, person in enumerate(people):
            text = f"{SAID} {number}{minute}"
            if zipped:
                lines.append(f"[{day:%d/%m/%Y}, 08:{minute:02}:10] {person}: {text}")
            else:
                lines.append(f"{day:%d/%m/%Y}, 08:{minute:02} - {person}: {text}")
    return ("\n".join(lines) + "\n").encode()


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two exports that an auditor might have invented, one of each phone."""
    folder = tmp_path_factory.mktemp("exports")
    (folder / "WhatsApp Chat with Nightjarring.txt").write_bytes(_chat(zipped=False))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("_chat.txt", _chat(zipped=True))
    of_region = folder / "greater_london"
    of_region.mkdir()
    (of_region / "WhatsApp Chat - Owlparliament.zip").write_bytes(packed.getvalue())
    return folder


@dataclass(frozen=True)
class Kept:
    """A scratch home that is still there after its rehearsal.

    Attributes:
        scratch: where.
        status: what the command exited with.
        said: all that it printed.
    """

    scratch: Scratch
    status: int
    said: str


def _run(*words: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TIDELINE_HOME", raising=False)
        return exit_status(patch, "audit", "rehearse", *words)


@pytest.fixture(scope="module")
def kept(exports: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """One rehearsal for all tests of this module: it takes as long as all the rest of them."""
    said = tmp_path_factory.mktemp("said") / "output"
    with scratch() as place:
        with said.open("w") as printed, pytest.MonkeyPatch.context() as patch:
            patch.setattr(audit_rehearse, "scratch", _keeping(place))
            patch.setattr(sys, "stdout", printed)
            status = _run("--exports", str(exports), "--days", "7")
        yield Kept(place, status, said.read_text())


def _keeping(place: Scratch) -> Callable[[], object]:
    @contextmanager
    def kept() -> Iterator[Scratch]:
        yield place

    return kept


def test_a_clean_build_is_told_with_every_hop_and_digest(kept: Kept, exports: Path) -> None:
    assert kept.status == 0, kept.said
    assert "Exports: 2 of yours, " in kept.said
    for asset in {*EXTERNAL_ASSETS, *RESTRICTED_ASSETS, *PUBLIC_ASSETS} - NOT_ON_THE_WAY:
        assert f"\n  {asset} " in kept.said
    assert "\n  inbox                no run                               8 exports: " in kept.said
    for name, digest in installed().items():
        assert digest in kept.said, name
    for where in ("output", "database", "files"):
        assert f"Words found in {where}: none" in kept.said
    assert "Clean: " in kept.said
    for word in (WORD, NAME, "Nightjarring"):
        assert word.lower() not in kept.said.lower()
    assert len(list(exports.rglob("*.*"))) == 2


def test_a_word_that_got_out_is_found_wherever_it_is(
    kept: Kept, exports: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = kept.scratch.home
    planted = {
        "home/keys/note": WORD.encode(),
        "home/public/more.csv.gz": gzip.compress(b"x" * 999 + NAME.upper().encode()),
        "temporary/core": b"\0\1" + WORD.encode("utf-16-le"),
        "user/Owlparliament.log": b"",
        "home-inbox/export": SAID.encode(),
    }

    def leaves_words(*_: object) -> bytes:
        for name, content in planted.items():
            (kept.scratch.folder / name).write_bytes(content)
        with as_owner(embedded_url(home / "postgres")) as connection:
            connection.execute(sa.text("CREATE TABLE restricted.kept (a text, b text)"))
            connection.execute(
                sa.text("INSERT INTO restricted.kept VALUES (:a, :b)"),
                {"a": WORD[:4], "b": WORD[4:]},
            )
        return b"Traceback: " + NAME.encode()

    monkeypatch.setattr(audit_rehearse, "scratch", _keeping(kept.scratch))
    monkeypatch.setattr(audit_rehearse, "run_in", leaves_words)
    status = _run("--exports", str(exports), "--days", "7")
    said = capsys.readouterr()
    assert status == CATALOGUE["REHEARSAL_WORDS_FOUND"].exit_status
    assert said.err.startswith("REHEARSAL_WORDS_FOUND: ")
    places = {
        line.removeprefix("FOUND in ").rpartition(": ")[0]
        for line in said.out.splitlines()
        if line.startswith("FOUND in ")
    }
    wanted = {f"files, {name}" for name in planted}
    wanted |= {"database, restricted.kept", "output, standard output and error"}
    # The table's own file, too, and what the server wrote of it ahead.
    assert wanted <= places
    assert {one for one in places - wanted if not one.startswith("files, home/postgres/")} == set()
    assert WORD not in said.out
    assert "Clean" not in said.out


def test_a_rehearsal_that_fails_leaves_nothing(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = []

    def fails(place: Scratch, *_: object) -> bytes:
        place.home.mkdir()
        made.append(embedded_url(place.home / "postgres"))
        (place.folder / "home-secrets").mkdir()
        raise StepFailed("GROUPS_REFUSED")

    monkeypatch.setattr(audit_rehearse, "run_in", fails)
    status = _run("--exports", str(exports))
    assert status == CATALOGUE["GROUPS_REFUSED"].exit_status
    assert made
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_exports_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.md").touch()
    status = _run("--exports", str(tmp_path))
    assert status == CATALOGUE["REHEARSAL_EXPORTS_MISSING"].exit_status


def test_digests_are_compared_with_those_of_the_deployed_home(
    session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its runs recorded, read as an auditor, and what its newest release was made by."""
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    assert told_by_home() == {}
    job = restricted_definitions(session.home, session.clock).resolve_job_def("collect")
    models = [dg.AssetKey("name_tagger"), dg.AssetKey("construct_model")]
    with session.instance() as instance:
        assert job.execute_in_process(instance=instance, asset_selection=models).success
    releases = Releases(session.home.public)
    releases.add(1, {}, {"made_by": {"code_sha256": installed()[PUBLIC_CODE]}})
    told = told_by_home()
    assert set(told) == {"name_tagger", "vocabulary", "construct_model", "encoder", PUBLIC_CODE}
    assert differing(told) == []
    releases.add(2, {}, {"made_by": {"code_sha256": "0" * 64}})
    assert differing(told_by_home()) == [PUBLIC_CODE]
    assert differing(told | {"vocabulary": "0" * 64}) == ["vocabulary"]
