"""Ways of one and the same work, each in a process and a tree of its own, in rounds by turns."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).parents[2]
WHOLE_PATH = Path(__file__).with_name("whole_path.py")


@dataclass(frozen=True)
class Rate:
    """How many messages a way took, by the median round.

    Attributes:
        a_cpu_second: messages per CPU-second, its processes together.
        a_second: messages per second on the wall.
    """

    a_cpu_second: float
    a_second: float


@contextmanager
def tree_of(commit: str) -> Iterator[Path]:
    """A checkout of this repository at another commit, in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder).resolve() / "tree"
        git = ["git", "-C", str(HERE), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(tree), commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def compare(ways: Mapping[str, tuple[Path, Sequence[str]]], rounds: int = 3) -> dict[str, Rate]:
    """Run the ways by turns.

    Args:
        ways: by name the tree to run in, and the arguments of Python; what runs writes a line with
            its number of `messages`, then for each line it reads one with `cpu` and `wall` seconds.
        rounds: of each.
    """
    with ExitStack() as stack:
        running = {name: _started(stack, *way) for name, way in ways.items()}
        messages = {name: _line(process)["messages"] for name, process in running.items()}
        took: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, process in running.items():
                assert process.stdin is not None
                process.stdin.write("\n")
                process.stdin.flush()
                took[name].append(_line(process))
    return {
        name: Rate(*(messages[name] / median(one[unit] for one in own) for unit in ("cpu", "wall")))
        for name, own in took.items()
    }


def environment(tree: Path) -> dict[str, str]:
    """The environment in which Python finds the project in a tree."""
    return {**os.environ, "PYTHONPATH": str(tree)}


def _started(stack: ExitStack, tree: Path, arguments: Sequence[str]) -> "subprocess.Popen[str]":
    return stack.enter_context(
        subprocess.Popen(
            [sys.executable, *arguments],
            cwd=tree,
            env=environment(tree),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    )


def _line(process: "subprocess.Popen[str]") -> dict[str, float]:
    assert process.stdout is not None
    # Libraries of an older commit may write there too.
    return next(json.loads(line) for line in process.stdout if line.startswith("{"))
