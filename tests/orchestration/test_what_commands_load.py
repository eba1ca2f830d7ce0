"""Commands load what they use, so that they answer at once."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer

from orchestration.cli import Commands, app
from orchestration.cli.on_demand import OnDemand

HEAVY = {
    "alembic",
    "dagster",
    "great_expectations",
    "numpy",
    "onnxruntime",
    "opendp",
    "pandas",
    "plotly",
    "presidio_analyzer",
    "pyarrow",
    "scipy",
    "sklearn",
    "spacy",
    "torch",
    "transformers",
}
"""Each takes from a quarter of a second to several."""

OF_A_HOME = {"cryptography", "pydantic", "rich", "sqlalchemy"}
"""What every command on a home needs, and no help."""

MOST_CPU_SECONDS = 0.7
"""Of `tideline --help`, which takes 0.25 on a quiet machine and took 3.4."""

CODE = """
import atexit, json, sys
sys.argv[0] = "tideline"
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.__stderr__))
from orchestration.cli import main
main()
"""
ONE_AFTER_ANOTHER = """
import io, json, sys
from orchestration.cli import main
for words in json.loads(sys.stdin.readline()):
    sys.argv[:], sys.stdin = ["tideline", *words], io.StringIO("07700 900461\\n")
    try:
        main()
    except SystemExit as stop:
        loaded = sorted(sys.modules)
        print(json.dumps([words, stop.code or 0, loaded]), file=sys.__stderr__)
"""
COMMANDS = typer.main.get_group(app).commands


@dataclass(frozen=True)
class Ran:
    """A command that was run: what it printed, the top packages that it loaded, CPU-seconds."""

    said: str
    loaded: frozenset[str]
    seconds: float


def run(*arguments: str, **environment: str) -> Ran:
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        said, told = process.stdout.read(), process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, said + told
    modules = json.loads(told.splitlines()[-1])
    return Ran(
        said, frozenset(one.partition(".")[0] for one in modules), used.ru_utime + used.ru_stime
    )


def test_help_lists_every_command_and_loads_none() -> None:
    tried = [run("--help")]
    while len(tried) < 3 and tried[-1].seconds > MOST_CPU_SECONDS:
        tried.append(run("--help"))
    for name in COMMANDS:
        # Of connectors it tells who asks by name.
        assert (f"\n  {name} " in tried[0].said) is (name not in Commands.unlisted)
    assert tried[0].loaded & (HEAVY | OF_A_HOME) == set()
    # The least of up to three, for the machine may have other work.
    assert min(one.seconds for one in tried) <= MOST_CPU_SECONDS


def test_the_version_is_said_without_loading_a_command() -> None:
    ran = run("--version")
    assert ran.said.startswith("tideline ")
    assert ran.loaded & (HEAVY | OF_A_HOME) == set()


def test_a_shell_completes_names_without_loading_a_command() -> None:
    ran = run(
        _TIDELINE_COMPLETE="complete_bash",
        _TYPER_COMPLETE_ARGS="tideline re",
        COMP_WORDS="tideline re",
        COMP_CWORD="1",
    )
    assert ran.said.split() == [
        "restore",
        "readiness",
        "remind",
        "rescore",
        "requests",
        "release",
    ]
    assert ran.loaded & HEAVY == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_what_help_says_of_a_command_is_what_the_command_says(name: str) -> None:
    command = COMMANDS[name]
    assert isinstance(command, OnDemand)
    whole = 1000
    assert command.get_short_help_str(whole) == command.load().get_short_help_str(whole)


def test_what_help_says_of_an_audits_commands_is_what_they_say() -> None:
    audit = COMMANDS["audit"]
    assert isinstance(audit, OnDemand)
    parts = audit.load().commands
    assert set(parts) == {"serve", "rehearse", "bundle"}
    whole = 1000
    for part in parts.values():
        assert isinstance(part, OnDemand)
        assert part.get_short_help_str(whole) == part.load().get_short_help_str(whole)


@pytest.mark.slow
def test_light_commands_load_no_library_of_the_steps(
    session: Any, terms: Callable[..., Any], tmp_path: Path
) -> None:
    group = session.register.grant(terms(), session.clock.now())
    file = tmp_path / "chat.txt"
    file.write_text(
        "\n".join(
            f"{date(2026, 9, day):%d/%m/%Y}, 09:15 - Grace Okafor{one}: we are so tired {day} {one}"
            for day in range(2, 20)
            for one in "abcd"
        )
    )
    home = {
        "TIDELINE_HOME": str(session.home.root),
        "TIDELINE_PG_URL": session.url.render_as_string(hide_password=False),
    }
    commands = [
        ["consent", "list"],
        ["inbox", "add", group, str(file)],
        ["inbox", "list", group],
        ["member", "code", group],
        ["member", "object", group, "--number"],
        ["release", "people"],
        ["release", "budget"],
        ["release", "methods"],
        ["lifetimes"],
        ["inbox", "purge", group, "--yes"],
        ["consent", "withdraw", group, "--yes"],
    ]
    # In one process: what all of them together don't load, none does.
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_ANOTHER],
        input=json.dumps(commands) + "\n",
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **home},
    )
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert [words for words, _, _ in told] == commands, done.stderr
    for words, status, modules in told:
        assert status == 0, words
        assert {one.partition(".")[0] for one in modules} & HEAVY == set(), words
