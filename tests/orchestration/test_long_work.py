"""What long work shows, on a terminal and in a pipe; the version; completion."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.cli import console
from resources.base.share_done import told, watched

TIDELINE = Path(sys.executable).with_name("tideline")


def test_each_piece_is_told_to_the_one_who_watches():
    heard: list[tuple[int, int]] = []
    others: list[tuple[int, int]] = []
    with watched(lambda *now: others.append(now)), watched(lambda *now: heard.append(now)):
        assert list(told("abc")) == ["a", "b", "c"]
        assert list(told([])) == []
    assert heard == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert others == []
    with watched(lambda *now: others.append(now)), watched(None):
        list(told("ab"))
    assert others == []
    assert list(told("ab")) == ["a", "b"]


@pytest.fixture
def minutes(monkeypatch):
    """A clock of which every look at it is 20 seconds after the one before."""
    moments = iter(range(0, 10_000, 20))
    monkeypatch.setattr(console.time, "monotonic", lambda: float(next(moments)))


@pytest.mark.usefixtures("minutes")
def test_a_pipe_gets_a_line_now_and_then(capsys):
    with console.progress("collect: [red]") as tell, watched(tell):
        list(told(range(10)))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "collect: [red] ..."
    # Of the looks at 20, 40 and so on every second one is half a minute after the last line.
    assert lines[1] == "collect: [red]: 10% done, about 6 min left"
    assert len(lines) == 6
    assert all(
        re.fullmatch(r"collect: \[red\]: \d0% done, about \d min left", one) for one in lines[1:]
    )


def test_a_terminal_gets_a_share_and_the_time_left():
    shows = (
        "import time\n"
        "from orchestration.cli.console import progress\n"
        "from resources.base.share_done import told, watched\n"
        "with progress('collect') as tell, watched(tell):\n"
        "    for _ in told(range(4)):\n"
        "        time.sleep(0.4)\n"
    )
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", shows],
        stdout=theirs,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "120"},
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert process.wait(60) == 0
    text = shown.decode()
    assert "50%" in text
    assert "100%" in text
    assert re.search(r"0:00:0[1-3]", text)


def said(*arguments: str, **environment: str) -> str:
    ran = subprocess.run(
        [TIDELINE, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=400,
    )
    return ran.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "offered"),
    [
        pytest.param(
            {
                "_TIDELINE_COMPLETE": "complete_bash",
                "COMP_WORDS": "tideline consent w",
                "COMP_CWORD": "2",
            },
            ["withdraw"],
            id="bash",
        ),
        pytest.param(
            {"_TIDELINE_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "tideline consent w"},
            ["withdraw"],
            id="zsh",
        ),
    ],
)
def test_a_shell_completes_commands(environment, offered):
    shown = said(**environment)
    assert all(word in shown for word in offered)
    assert "grant" not in shown


def test_the_version_is_said():
    assert re.fullmatch(r"tideline \d+\.\d+\.\d+\n", said("--version"))
