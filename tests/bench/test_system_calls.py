"""What strace wrote, and what is read from it; the first lines were recorded of ONNX Runtime's."""

from pathlib import Path

import pytest

from bench.system_calls import Act, acts_of, read_calls

HOME = "/home/a/.cache/Microsoft/DeveloperTools/.onnxruntime"
LINES = {
    f'openat(6<{HOME}>, "deviceid.tmp", O_WRONLY|O_CREAT|O_EXCL, 0600) = 7<{HOME}/deviceid.tmp>': [
        Act("writes", f"{HOME}/deviceid.tmp", "openat")
    ],
    f'linkat(6<{HOME}>, "deviceid.tmp", 6<{HOME}>, "deviceid", 0) = 0': [
        Act("writes", f"{HOME}/deviceid.tmp", "linkat"),
        Act("writes", f"{HOME}/deviceid", "linkat"),
    ],
    f'mkdir("{HOME}", 0700)     = 0': [Act("writes", HOME, "mkdir")],
    'openat(AT_FDCWD</srv>, "/t/.ses", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 6</t/.ses>': [
        Act("writes", "/t/.ses", "openat")
    ],
    "connect(9<socket:[1]>, {sa_family=AF_INET, sin_port=htons(53),"
    ' sin_addr=inet_addr("10.0.0.2")}, 16) = 0': [Act("looks up", "10.0.0.2 53", "connect")],
    "sendmmsg(9<socket:[1]>, [{msg_hdr={msg_name={sa_family=AF_INET6, sin6_port=htons(53),"
    ' sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "fd00::2", &sin6_addr), sin6_scope_id=0},'
    " msg_namelen=28}}], 1, MSG_NOSIGNAL) = 1": [Act("looks up", "fd00::2 53", "sendmmsg")],
    'openat(AT_FDCWD</srv>, "/etc/resolv.conf", O_RDONLY|O_CLOEXEC) = 3</etc/resolv.conf>': [
        Act("looks up", "/etc/resolv.conf", "openat")
    ],
    'connect(9<socket:[1]>, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110)'
    " = -1 ENOENT (No such file or directory)": [
        Act("looks up", "/var/run/nscd/socket", "connect", "ENOENT")
    ],
    "connect(9<socket:[1]>, {sa_family=AF_INET, sin_port=htons(443),"
    ' sin_addr=inet_addr("10.0.0.9")}, 16) = -1 EINPROGRESS (Operation now in progress)': [
        Act("connects", "10.0.0.9 443", "connect", "EINPROGRESS")
    ],
    'sendto(9<socket:[1]>, "sin_port=htons(1)", 17, 0, NULL, 0) = 17': [],
    'connect(9<socket:[1]>, {sa_family=AF_UNIX, sun_path=@"hidden"}, 110) = 0': [
        Act("connects", "@hidden", "connect")
    ],
    'bind(9<socket:[1]>, {sa_family=AF_UNIX, sun_path="/run/s"}, 110) = 0': [
        Act("writes", "/run/s", "bind")
    ],
    'openat(AT_FDCWD</srv>, "O_WRONLY.txt", O_RDONLY|O_CLOEXEC) = 3</srv/O_WRONLY.txt>': [],
    'openat2(6</t>, "a.data", {flags=O_RDWR|O_CREAT|O_CLOEXEC, mode=0600,'
    " resolve=RESOLVE_BENEATH}, 24) = 7</t/a.data>": [Act("writes", "/t/a.data", "openat2")],
    'openat(AT_FDCWD</srv>, "/var/tmp", O_RDWR|O_TMPFILE, 0600) = 3</var/tmp/#1 (deleted)>': [
        Act("writes", "/var/tmp", "openat")
    ],
    'rename("/t/a b \\"c\\" \\303\\251", "/u/..//v") = 0': [
        Act("writes", '/t/a b "c" é', "rename"),
        Act("writes", "/v", "rename"),
    ],
    'symlink("../there", "here")             = 0': [Act("writes", "/start/here", "symlink")],
    'unlinkat(AT_FDCWD</srv>, "gone", 0)    = -1 EACCES (Permission denied)': [
        Act("writes", "/srv/gone", "unlinkat", "EACCES")
    ],
    "+++ exited with 0 +++": [],
}


@pytest.mark.parametrize(("line", "acts"), LINES.items())
def test_a_call_is_read(line, acts):
    assert list(read_calls([line], "/start")) == acts


def test_a_folder_is_followed_from_a_process_to_its_children(tmp_path: Path):
    prefix = tmp_path / "trace"
    (tmp_path / "trace.40").write_text(
        'mkdir("one", 0777) = 0\nchdir("data")  = 0\nclone3({flags=CLONE_VM}, 88) = 9\n'
        "fchdir(3</elsewhere>) = 0\nvfork() = 41\n"
    )
    (tmp_path / "trace.9").write_text('unlink("two") = 0\n')
    (tmp_path / "trace.41").write_text('creat("three", 0600) = 3</elsewhere/three>\n')
    assert {act.target for act in acts_of(prefix, Path("/start"))} == {
        "/start/one",
        "/start/data/two",
        "/elsewhere/three",
    }
