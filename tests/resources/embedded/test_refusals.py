"""A server that can't start is refused by the code of the true cause, and nothing is left."""

import os
import pwd
from collections.abc import Callable
from pathlib import Path

import pytest

from assets.core.errors import CATALOGUE, StorageError
from resources.base.database.embedded_postgres import binaries, leave, open_server
from resources.base.database.embedded_postgres.causes import cause_in

FAULTS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "another major version": (
        "POSTGRES_DATA_OF_ANOTHER_MAJOR",
        lambda data: (data / "PG_VERSION").write_text("12\n"),
    ),
    "no version": ("POSTGRES_NOT_A_DATA_FOLDER", lambda data: (data / "PG_VERSION").unlink()),
    "an odd version": (
        "POSTGRES_NOT_A_DATA_FOLDER",
        lambda data: (data / "PG_VERSION").write_text("x"),
    ),
    "control file gone": (
        "POSTGRES_DATA_DAMAGED",
        lambda data: (data / "global" / "pg_control").unlink(),
    ),
    "control file overwritten": (
        "POSTGRES_DATA_DAMAGED",
        lambda data: (data / "global" / "pg_control").write_bytes(b"\1" * 8192),
    ),
    "log gone": (
        "POSTGRES_DATA_DAMAGED",
        lambda data: [one.unlink() for one in (data / "pg_wal").glob("0*")],
    ),
    "catalogue gone": (
        "POSTGRES_DATA_DAMAGED",
        lambda data: [one.unlink() for one in (data / "global").glob("[0-9]*")],
    ),
    "open to others": ("POSTGRES_FILES_NOT_OURS", lambda data: data.chmod(0o777)),
    "settings": (
        "POSTGRES_DID_NOT_START",
        lambda data: (data / "postgresql.conf").write_text("no such setting\n"),
    ),
    "a locale of another machine": (
        "POSTGRES_LOCALE_MISSING",
        lambda data: (data / "postgresql.conf").write_text("lc_messages = 'xx_YY.UTF-8'\n"),
    ),
    "shared memory": (
        "POSTGRES_SHARED_MEMORY",
        lambda data: (data / "postgresql.auto.conf").write_text("shared_buffers = 8000GB\n"),
    ),
    "private folder is a link": (
        "POSTGRES_FILES_NOT_OURS",
        lambda data: data.with_name("postgres-run").symlink_to(data.parent),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_what_stands_in_the_way_is_told_by_code(data, fault):
    code, break_it = FAULTS[fault]
    break_it(data)
    for _ in range(2):
        with pytest.raises(StorageError, match=rf"^{code}$"):
            open_server(data)


@pytest.mark.slow
def test_settings_of_the_folder_do_not_open_or_stop_it(data, serves):
    for name in ("postgresql.conf", "postgresql.auto.conf"):
        with (data / name).open("a") as file:
            file.write("listen_addresses = '*'\nlogging_collector = on\n")
    (data / "pg_hba.conf").write_text("local all all trust\nhost all all 0.0.0.0/0 trust\n")
    assert serves(open_server(data))
    assert "trust" not in (data.with_name("postgres-run") / "pg_hba.conf").read_text()
    listening = (data / "postmaster.pid").read_text().splitlines()[5]
    assert listening == ""


def test_a_first_start_that_fails_leaves_no_data(tmp_path, monkeypatch):
    broken = tmp_path / "bin" / "initdb"
    broken.parent.mkdir()
    broken.write_text(
        "#!/bin/sh\nmkdir \"${1#--pgdata=}\"\necho 'No space left on device'\nexit 1\n"
    )
    broken.chmod(0o755)
    monkeypatch.setattr(
        "resources.base.database.embedded_postgres.cluster.installation", lambda _: tmp_path
    )
    monkeypatch.setattr("resources.base.database.embedded_postgres.starting.account", _ordinary)
    with pytest.raises(StorageError, match=r"^DISK_FULL$"):
        open_server(tmp_path / "home")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "home-run"]


def _ordinary():
    from resources.base.database.embedded_postgres.account import Account

    return Account("somebody")


@pytest.mark.slow
def test_the_programs_may_lie_anywhere_too(open_folder, serves, monkeypatch):
    """`initdb` hands its own path to a shell."""
    package = binaries.package_folder()
    placed = open_folder / 'my $HOME `id` "\\'
    placed.mkdir()
    # A link would be resolved; a copy of all of it would take longer than the rest.
    for folder in (package, package.with_name(binaries.LIBRARIES)):
        if folder.is_dir():
            _linked(folder, placed / folder.name)
    monkeypatch.setattr(binaries, "package_folder", lambda: placed / package.name)
    monkeypatch.setattr(
        "resources.base.database.embedded_postgres.cluster.package_folder",
        lambda: placed / package.name,
    )
    data = open_folder / "postgres"
    assert serves(open_server(data))
    leave(data)


def _linked(source: Path, target: Path) -> None:
    for folder, _, files in os.walk(source):
        here = target / Path(folder).relative_to(source)
        here.mkdir(parents=True)
        for name in files:
            try:
                (here / name).hardlink_to(Path(folder) / name)
            except OSError:
                (here / name).write_bytes((Path(folder) / name).read_bytes())
                (here / name).chmod(0o755)


@pytest.mark.parametrize(
    ("uid", "code"), [(0, "POSTGRES_REFUSES_ROOT"), (4000000, "POSTGRES_USER_UNNAMED")]
)
@pytest.mark.parametrize("missing", ["unshare", "namespaces"])
def test_who_needs_a_namespace_and_has_none_is_told(tmp_path, monkeypatch, uid, code, missing):
    unable = tmp_path / "unshare"
    unable.write_text("#!/bin/sh\nexit 1\n")
    unable.chmod(0o755)
    found = None if missing == "unshare" else str(unable)
    monkeypatch.setattr(
        "resources.base.database.embedded_postgres.account.shutil.which", lambda *_, **__: found
    )
    monkeypatch.setattr("resources.base.database.embedded_postgres.account.os.geteuid", lambda: uid)
    from resources.base.database.embedded_postgres.account import account, refuse_if_not_to_be_run

    with pytest.raises(StorageError, match=rf"^{code}$"):
        refuse_if_not_to_be_run(account(), binaries.MAJOR)


def test_an_ordinary_user_needs_none(monkeypatch):
    one = next(one for one in pwd.getpwall() if one.pw_uid)
    monkeypatch.setattr(
        "resources.base.database.embedded_postgres.account.os.geteuid", lambda: one.pw_uid
    )
    from resources.base.database.embedded_postgres.account import account

    assert (account().name, account().prefix) == (pwd.getpwuid(one.pw_uid).pw_name, ())


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("FATAL:  could not write to file: No space left on device", "DISK_FULL"),
        ("PANIC:  could not write to file: No space left on device", "DISK_FULL"),
        ("initdb: error: could not create directory: Disk quota exceeded", "DISK_FULL"),
        ("FATAL:  could not open file: Read-only file system", "DISK_NOT_WRITABLE"),
        ("FATAL:  database files are incompatible with server", "POSTGRES_DATA_DAMAGED"),
        ('FATAL:  data directory "x" has wrong ownership', "POSTGRES_FILES_NOT_OURS"),
        ('FATAL:  could not open file "global/pg_control": Permission denied', None),
        ("FATAL:  could not map anonymous shared memory: x", "POSTGRES_SHARED_MEMORY"),
        ("FATAL:  could not create shared memory segment: x", "POSTGRES_SHARED_MEMORY"),
        ('LOG:  could not bind Unix address "x": Address in use', "POSTGRES_SOCKET_REFUSED"),
        ("initdb: error: invalid locale settings", "POSTGRES_LOCALE_MISSING"),
        ("PANIC:  could not locate a valid checkpoint record", "POSTGRES_DATA_DAMAGED"),
        ("FATAL:  could not load library", "POSTGRES_DID_NOT_START"),
        ("LOG:  database system is ready to accept connections", "POSTGRES_DID_NOT_START"),
        ("", "POSTGRES_DID_NOT_START"),
    ],
)
def test_the_cause_is_read_from_postgresqls_words(words, code):
    code = code or "POSTGRES_FILES_NOT_OURS"
    assert cause_in(b"LOG:  starting PostgreSQL 18.4\n" + words.encode()) == code
    assert code in CATALOGUE
