"""A bundle is verified offline by the file that lies in it."""

import io
import json
import subprocess
import sys
import tarfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.core.errors import SetupError
from resources.base.database.connection import Database
from resources.base.database.roles import Role
from resources.base.database.tables import member_events, settings_events
from resources.stores import ledger
from resources.stores.chain.bundle import VERIFIER, bundle_files, sealed_bundle
from resources.stores.chain.hash_chain import HashChain
from resources.stores.chain.proof import Fault, faults_of_bundle, sums_of

NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
DAY = date(2026, 10, 15)


@pytest.fixture
def files(database: Database) -> dict[str, bytes]:
    """Of the second of three days."""
    chain = HashChain(database)
    published = []
    for ahead in range(3):
        now, day = NOW + timedelta(days=ahead), DAY + timedelta(days=ahead)
        with database.transaction() as connection:
            for count in (1, 2):
                ledger.record(connection, ledger.Kind.EXPORT_DELETED, count, now)
            connection.execute(
                settings_events.insert().values(at=now, what="home", digest=f"{ahead}" * 64)
            )
            connection.execute(
                member_events.insert().values(
                    at=now,
                    kind="objected",
                    source="command",
                    group_ref="g-0badcafe",
                    day=day,
                    parts=["p"],
                    initials=["i"],
                    key_check="k",
                )
            )
        published.append((day.isoformat(), chain.head(day)))
    of_day = DAY + timedelta(days=1)
    auditor = Database(database.url, Role.AUDITOR)
    made = bundle_files(auditor, of_day, of_day, published, {"tideline": "1"})
    auditor.dispose()
    return made


def unpacked(files: dict[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_a_sealed_bundle_is_verified_by_its_own_file(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    identity = pyrage.x25519.Identity.generate()  # pyright: ignore[reportAttributeAccessIssue]
    sealed = sealed_bundle(files, str(identity.to_public()))
    opened = pyrage.decrypt(sealed, [identity])  # pyright: ignore[reportAttributeAccessIssue]
    with tarfile.open(fileobj=io.BytesIO(opened)) as tar:
        tar.extractall(tmp_path, filter="data")
    verifier = tmp_path / "audit-bundle" / VERIFIER
    # -I: nothing of ours, and no package but the standard library's.
    command = [sys.executable, "-I", "-S", str(verifier)]
    whole = subprocess.run(command, capture_output=True, check=False)
    assert (whole.returncode, whole.stderr) == (0, b"")
    rows = verifier.parent / "rows" / "restricted.ledger.jsonl"
    rows.write_bytes(rows.read_bytes().replace(b"2026", b"2025", 1))
    changed = subprocess.run(command, capture_output=True, check=False)
    assert (changed.returncode, changed.stdout) == (1, b"BUNDLE_CHANGED 1\n")
    with pytest.raises(SetupError, match=r"^RECIPIENT_INVALID$"):
        sealed_bundle(files, "age1nobody")


def test_it_holds_the_time_s_rows_and_nothing_of_members(files: dict[str, bytes]) -> None:
    # Up to the first head after the time, for what comes after a day's head is under the next.
    assert files["rows/restricted.ledger.jsonl"].count(b"\n") == 4
    assert files["rows/restricted.settings_events.jsonl"].count(b"\n") == 3
    # Of settings all are there, for they say what a restore lost.
    assert files["chain/entries.jsonl"].count(b"salt") == 7
    assert files["chain/entries.jsonl"].count(b"\n") == 9
    assert not any(b"g-0badcafe" in content for content in files.values())


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_byte_is_told(
    files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    from resources.stores.chain.proof import main

    name = data.draw(st.sampled_from([name for name, content in files.items() if content]))
    content = bytearray(files[name])
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    folder = unpacked({**files, name: bytes(content)}, tmp_path_factory.mktemp("bundle"))
    assert main(folder) == 1


FORGERIES = {
    "a_row_says_something_else": ("rows/restricted.ledger.jsonl", b'count\\": 2', b'count\\": 9'),
    "a_row_is_gone": ("rows/restricted.settings_events.jsonl", None, b""),
    "a_link_is_another": ("chain/links.jsonl", b'"number": 3', b'"number": 4'),
    "a_head_is_another": ("chain/heads.jsonl", b'"day": "2026-10-16"', b'"day": "2026-10-14"'),
    "a_published_head_is_another": ("chain/published_heads.jsonl", b'head": "', b'head": "0'),
    "a_row_is_closed": ("chain/entries.jsonl", None, None),
    "a_row_twice": ("rows/restricted.ledger.jsonl", b"", b"{again}"),
    "an_entry_more": ("chain/entries.jsonl", b"", b'{"commitment": "00", "entry": 99}\n'),
    "a_batch_is_another": ("chain/batches.jsonl", b'"number": 2', b'"number": 5'),
}
FOUND = {
    "a_row_says_something_else": {Fault.ROW_CHANGED},
    "a_row_is_gone": {Fault.ROW_MISSING},
    "a_link_is_another": {Fault.BROKEN},
    "a_head_is_another": {Fault.HEAD_DIFFERS, Fault.HEAD_UNKNOWN},
    "a_published_head_is_another": {Fault.HEAD_DIFFERS},
    "a_row_is_closed": {Fault.ROW_MISSING, Fault.ROW_NOT_CHAINED},
    "a_row_twice": {Fault.ROW_NOT_CHAINED},
    "an_entry_more": {Fault.BROKEN},
    "a_batch_is_another": {Fault.BROKEN, Fault.CUT_OFF},
}


@pytest.mark.parametrize("name", FORGERIES)
def test_who_makes_the_sums_fit_is_found_out_by_the_chain(
    files: dict[str, bytes], tmp_path: Path, name: str
) -> None:
    path, before, after = FORGERIES[name]
    content = files[path]
    if after is None:
        # The opening of one of the time's rows is taken away.
        lines = [json.loads(line) for line in content.splitlines()]
        stripped = next(one for one in lines if one.get("table") == "restricted.ledger")
        kept = {name: stripped[name] for name in ("entry", "commitment")}
        lines[lines.index(stripped)] = kept
        content = "".join(f"{json.dumps(one)}\n" for one in lines).encode()
    elif after == b"{again}":
        content = content.splitlines(keepends=True)[0] + content
    else:
        content = after if before is None else content.replace(before, after, 1)
    assert content != files[path]
    folder = unpacked({**files, path: content}, tmp_path)
    (folder / "manifest-sha256.txt").write_bytes(sums_of(folder))
    assert FOUND[name] <= set(faults_of_bundle(folder))
