"""What a program did outside itself, read from what strace wrote: connections, look-ups, writes.

`strace -ff -y -o PREFIX` writes a file for each process, `PREFIX.PID`, so that no call is cut in
two by another's; `-y` puts the path of a descriptor beside it.
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_FILES = (
    "open,openat,openat2,creat,truncate,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,"
    "link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,chmod,fchmodat,chown,lchown,fchownat"
)
_NETWORK = "bind,connect,sendto,sendmsg,sendmmsg"
_PROCESSES = "clone,clone3,fork,vfork,execve,chdir,fchdir"
STRACE = (
    "strace", "-ff", "-qq", "-y", "-s", "0", "--seccomp-bpf",
    "-e", f"trace={_FILES},{_NETWORK},{_PROCESSES}", "-e", "signal=none",
)  # fmt: skip

LOOKS_UP = ("/etc/hosts", "/etc/resolv.conf")
"""Files that are read to find a host's address, and for nothing else."""

_ASKED = ("/systemd/resolve/", "/avahi-daemon/", "/nscd/")
"""In the paths of sockets of programs that are asked for hosts' addresses."""

_NAME_PORTS = {53, 853, 5353}
_WRITES = re.compile(r"O_(WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)\b")
_CALL = re.compile(
    r"(?P<name>\w+)\((?P<args>.*)\)\s+= (?P<result>-?\d+|\?|0x[0-9a-f]+)(?P<rest>.*)"
)
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FOLDER = re.compile(r"(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>, $")
_HERE = re.compile(r"AT_FDCWD<((?:[^>\\]|\\.)*)>")
_ADDRESS = re.compile(
    r"sin6?_port=htons\((?P<port>\d+)\), "
    r'(?:sin_addr=inet_addr\("(?P<v4>[^"]+)"|.*?inet_pton\(AF_INET6, "(?P<v6>[^"]+)")'
)
_SOCKET = re.compile(r'sun_path=(@?)"((?:[^"\\]|\\.)*)"')
_BORN = re.compile(r"^(?:clone3?|v?fork)\(.*\) += (\d+)$", re.MULTILINE)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|x[0-9a-f]{2}|.)")


@dataclass(frozen=True, order=True)
class Act:
    """Something that reached beyond the process.

    Attributes:
        kind: `connects`, `looks up` or `writes`.
        target: `address port`, a socket's path, or a file's path.
        call: the system call.
        failed: the error that it met, such as `ENOENT`; empty if it did what was asked.
    """

    kind: str
    target: str
    call: str
    failed: str = ""


def acts_of(prefix: Path, cwd: Path) -> set[Act]:
    """All acts of a traced program and of its children.

    Args:
        prefix: what `strace -o` was given.
        cwd: where the program was started.
    """
    traces = {
        int(path.suffix[1:]): path.read_text("utf-8", errors="surrogateescape").splitlines()
        for path in prefix.parent.glob(f"{prefix.name}.*")
    }
    acts: set[Act] = set()
    born: dict[int, str] = {}
    children = {int(pid) for lines in traces.values() for pid in _BORN.findall("\n".join(lines))}
    # The first process is nobody's child. A child's folder is known once its parent was read.
    waiting = sorted(traces, key=lambda pid: pid not in children)
    while waiting:
        pid = waiting.pop()
        for found in read_calls(traces.pop(pid, []), born.get(pid, str(cwd))):
            if isinstance(found, Act):
                acts.add(found)
            else:
                child, folder = found
                born[child] = folder
                waiting.append(child)
    return acts


def read_calls(lines: Sequence[str], cwd: str) -> Iterator[Act | tuple[int, str]]:
    """Acts of one process, and its children, each with the folder it was started in."""
    for line in lines:
        call = _CALL.match(line)
        if call is None:
            continue
        name, args, done = call["name"], call["args"], not call["result"].startswith("-")
        failed = "" if done else call["rest"].split()[0]
        here = _HERE.search(args)
        cwd = _plain(here[1]) if here else cwd
        if name in ("clone", "clone3", "fork", "vfork"):
            if done and call["result"].isdigit():
                yield int(call["result"]), cwd
        elif name in ("chdir", "fchdir"):
            cwd = _moved(name, args, cwd) if done else cwd
        elif name == "bind":
            yield from _bound(args, name, failed, cwd)
        elif name in ("connect", "sendto", "sendmsg", "sendmmsg"):
            yield from _told(args, name, failed)
        elif name != "execve":
            yield from _touched(args, name, failed, cwd)


def _moved(name: str, args: str, cwd: str) -> str:
    if name == "fchdir":
        return _plain(args.partition("<")[2].rpartition(">")[0])
    (path,) = _TEXT.findall(args)
    return os.path.join(cwd, _plain(path))  # noqa: PTH118  (a folder of another process)


def _bound(args: str, call: str, failed: str, cwd: str) -> Iterator[Act]:
    socket = _SOCKET.search(args)
    # A name that begins with @ is no file.
    if socket is not None and not socket[1]:
        yield Act("writes", _whole(cwd, _plain(socket[2])), call, failed)


def _told(args: str, call: str, failed: str) -> Iterator[Act]:
    socket = _SOCKET.search(args)
    if socket is not None:
        path = socket[1] + _plain(socket[2])
        kind = "looks up" if any(part in path for part in _ASKED) else "connects"
        yield Act(kind, path, call, failed)
    for address in _ADDRESS.finditer(args):
        port, host = address["port"], address["v4"] or address["v6"]
        kind = "looks up" if int(port) in _NAME_PORTS else "connects"
        yield Act(kind, f"{host} {port}", call, failed)


def _touched(args: str, call: str, failed: str, cwd: str) -> Iterator[Act]:
    opens = call in ("open", "openat", "openat2")
    for path in _paths(args, call, cwd):
        if opens and path in LOOKS_UP:
            yield Act("looks up", path, call, failed)
        if not opens or _WRITES.search(_TEXT.sub("", args)):
            yield Act("writes", path, call, failed)


def _paths(args: str, call: str, cwd: str) -> Iterator[str]:
    """The paths that a call names, whole; of a symbolic link where it lies, not where it points."""
    found = list(_TEXT.finditer(args))
    if call in ("symlink", "symlinkat"):
        found = found[1:]
    for one in found:
        folder = _FOLDER.search(args[: one.start()])
        yield _whole(_plain(folder[1]) if folder else cwd, _plain(one[1]))


def _whole(folder: str, path: str) -> str:
    return os.path.normpath(os.path.join(folder, path))  # noqa: PTH118  (need not be there)


def _plain(quoted: str) -> str:
    """A path without strace's escapes."""

    def sign(found: re.Match[bytes]) -> bytes:
        one = found[1]
        if one.isdigit():
            return bytes([int(one, 8)])
        if one.startswith(b"x"):
            return bytes([int(one[1:], 16)])
        return {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"v": b"\v", b"f": b"\f"}.get(one, one)

    return os.fsdecode(_ESCAPED.sub(sign, os.fsencode(quoted)))
