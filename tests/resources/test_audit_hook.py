"""A step's thread writes no file but through our stores, starts nothing and calls nobody."""

import mmap
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from multiprocessing import shared_memory
from pathlib import Path

import pytest

from resources.base import doors
from resources.base.files import write_once
from resources.base.keys.key_store import KeyStore
from resources.containment import audit_hook


def _map_shared(path: Path) -> None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_WRITE):
        pass


DOORS = {
    "open": lambda path: path.open("w"),
    "append": lambda path: path.open("ab"),
    "update": lambda path: path.open("r+b"),
    "descriptor": lambda path: os.open(path, os.O_RDWR),
    "create": lambda path: os.open(path.with_name("new"), os.O_CREAT),
    "named temporary": lambda path: tempfile.NamedTemporaryFile(),  # noqa: SIM115
    "unnamed temporary": lambda path: tempfile.TemporaryFile(),  # noqa: SIM115
    "database": lambda path: sqlite3.connect(path.with_name("new")),
    "shared memory": lambda path: shared_memory.SharedMemory(create=True, size=8),
    "shared map": _map_shared,
    "program": lambda path: subprocess.run(["/bin/true"], check=True),
    "shell": lambda path: os.system("true"),
    "spawn": lambda path: os.posix_spawn("/bin/true", ["true"], {}),
    "network": lambda path: socket.create_connection(("127.0.0.1", 9)),
    "name server": lambda path: socket.getaddrinfo("localhost", 9),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_door_is_closed(tmp_path, door):
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with audit_hook.closed(), pytest.raises(PermissionError):
        door(path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_needed_stays_open(tmp_path):
    path, keys = tmp_path / "file", tmp_path / "keys"
    path.write_bytes(b"kept")
    keys.mkdir()
    with audit_hook.closed():
        assert path.read_bytes() == b"kept"
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as one:
            assert one[:] == b"kept"
        with Path(os.devnull).open("w") as nowhere:
            nowhere.write("gone")
        sqlite3.connect(":memory:").close()
        write_once(tmp_path / "sealed", b"sealed")
        store = KeyStore(keys, lambda: bytes(32))
        key_id, _ = store.make()
        assert store.destroy(key_id)
        with doors.opened(), audit_hook.closed(), pytest.raises(PermissionError):
            path.open("w")
    path.write_bytes(b"after")
    assert (tmp_path / "sealed").read_bytes() == b"sealed"


def test_other_threads_go_on(tmp_path):
    written = threading.Thread(target=(tmp_path / "file").write_bytes, args=[b"theirs"])
    with audit_hook.closed():
        written.start()
        written.join()
    assert (tmp_path / "file").read_bytes() == b"theirs"


def test_a_library_that_first_asks_for_the_temporary_folder_behind_closed_doors_is_told():
    script = (
        "import tempfile\nfrom resources.containment import audit_hook\n"
        "with audit_hook.closed():\n    print(tempfile.gettempdir())"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == tempfile.gettempdir()
