"""Processes that a test's own one has started: they come and go while they are looked at."""

import psutil


def below(pid: int) -> list[tuple[psutil.Process, str, str]]:
    """Those below a process that live long enough to be asked: each, its name, and its command."""
    found = []
    for one in psutil.Process(pid).children(recursive=True):
        try:
            found.append((one, one.name(), " ".join(one.cmdline())))
        except psutil.NoSuchProcess:
            continue
    return found


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that have not ended; what waits for its parent to ask how has."""
    found = []
    for process in processes:
        try:
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found
