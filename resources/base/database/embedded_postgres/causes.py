"""What PostgreSQL's own words mean, as one of our codes; the words themselves go nowhere."""

import re
from pathlib import Path

_CAUSES = [
    (code, re.compile(pattern, re.IGNORECASE))
    for code, pattern in (
        ("DISK_FULL", r"No space left on device|Disk quota exceeded|disk full"),
        (
            "POSTGRES_FILES_NOT_OURS",
            r"has wrong ownership|has invalid permissions|could not (?:open|access|change|create|"
            r"read|write|remove|stat|fsync|set permissions)[^\n]*Permission denied",
        ),
        ("DISK_NOT_WRITABLE", r"Read-only file system"),
        (
            "POSTGRES_SHARED_MEMORY",
            r"could not (?:create|resize|open|map|attach)[^\n]*shared memory|"
            r"could not map anonymous shared memory|could not create semaphores|"
            r"pre-existing shared memory block",
        ),
        (
            "POSTGRES_SOCKET_REFUSED",
            r"could not (?:bind|create|set permissions of)[^\n]*(?:Unix|socket)|"
            r"could not create any Unix-domain sockets|Unix-domain socket path",
        ),
        ("POSTGRES_LOCALE_MISSING", r"locale is incompatible|invalid locale|lc_[a-z]+\"?: \""),
        (
            "POSTGRES_DATA_DAMAGED",
            # The programs are those of the data's own version, so it is not another's.
            r"PANIC:|database files are incompatible with server|"
            r"could not locate a valid checkpoint record|invalid checkpoint|"
            r"invalid primary checkpoint|incorrect checksum|checksum verification failed|"
            r"page verification failed|invalid page in block|could not find redo location|"
            r"database system identifier|pg_control|global/|pg_filenode\.map|is missing|"
            r"requested timeline|WAL ends before|could not access status of transaction|"
            r"unexpected data|could not open (?:file|directory) \"(?:base|global|pg_)[^\n]*"
            r"No such file|contains invalid data|is not a valid data directory",
        ),
    )
]
_LAST_BYTES = 64 * 1024


def cause_in(words: bytes) -> str:
    """The code for what a program of PostgreSQL said, `POSTGRES_DID_NOT_START` if unknown."""
    said = words[-_LAST_BYTES:].decode("utf-8", "replace")
    return next(
        (code for code, pattern in _CAUSES if pattern.search(said)), "POSTGRES_DID_NOT_START"
    )


def cause_in_log(log: Path, since: int) -> str:
    """The code for what the log says from that byte on."""
    try:
        with log.open("rb") as file:
            file.seek(max(since, file.seek(0, 2) - _LAST_BYTES))
            return cause_in(file.read())
    except OSError:
        return "POSTGRES_DID_NOT_START"
