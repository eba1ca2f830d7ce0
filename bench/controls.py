"""Take a control out and see whether its tests notice: `python -m bench.controls [run] [ROW ...]`.

Without arguments it draws ten of the rows that docs/obligations.md calls enforced, by a seed that
it prints; with row numbers it says what would be taken out of those in `controls.yaml`; with `run`
before them it does that, in a copy of the project beside it, runs the named tests there, and
says which of them failed, as each should. Ends with 1 where one did not.
"""

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from assets.core.obligation_table import PROJECT, read_obligations

SEED = 19
DRAWN = 10
_PYTEST = ("-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider")


def drawn(seed: int = SEED) -> list[int]:
    """Numbers of ten enforced rows."""
    rows = sorted(one.number for one in read_obligations().obligations if one.status == "enforced")
    return sorted(random.Random(seed).sample(rows, DRAWN))


def controls() -> list[dict[str, Any]]:
    """What may be taken out, with its row and the tests that have to fail."""
    return yaml.safe_load(Path(__file__).with_name("controls.yaml").read_text("utf-8"))


def take_out(root: Path, edit: dict[str, Any]) -> None:
    """Remove lines that stand together once in a file, and put others there, if any.

    Raises:
        ValueError: they do not stand there, or more than once: the list is out of date.
    """
    path = root / edit["file"]
    lines, wanted = path.read_text("utf-8").splitlines(), edit["remove"]
    bare = [one.strip() for one in lines]
    places = [
        at for at in range(len(lines)) if bare[at : at + len(wanted)] == [*map(str.strip, wanted)]
    ]
    if len(places) != 1:
        raise ValueError(f"{len(places)} places for {edit}")
    at = places[0]
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    lines[at : at + len(wanted)] = [indent + one for one in edit.get("put", ())]
    # A new file, for the copy shares its bytes with the project.
    path.unlink()
    path.write_text("\n".join(lines) + "\n", "utf-8")


def copy_of_project(beside: Path) -> Path:
    """Every file that git knows, linked where that can be."""
    root = Path(tempfile.mkdtemp(prefix=".controls-", dir=beside))
    root.chmod(0o755)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        source, target = PROJECT / name, root / name
        if not source.is_file():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)
    return root


def outcomes(tests: list[str], edits: list[dict[str, Any]]) -> str:
    """What pytest says of tests where this was taken out: `passed`, `failed` or `broken`."""
    root = copy_of_project(PROJECT.parent)
    try:
        for edit in edits:
            take_out(root, edit)
        done = subprocess.run(
            [sys.executable, *_PYTEST, *tests],
            cwd=root,
            env=os.environ | {"PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        shutil.rmtree(root)
    if done.returncode == 0:
        return "passed"
    # A module that can't be imported, or a fixture that fails, says nothing of the control.
    failed = re.search(r"^FAILED ", done.stdout, re.MULTILINE)
    if done.returncode == 1 and failed and not re.search(r"^ERROR ", done.stdout, re.MULTILINE):
        return "failed"
    print(done.stdout[-2000:], done.stderr[-2000:])
    return "broken"


def main() -> int:
    """Draw, show or run."""
    words = sys.argv[1:]
    if not words:
        print(f"seed {SEED}: rows {', '.join(map(str, drawn()))}")
        return 0
    running = words[0] == "run"
    rows = set(map(int, words[running:]))
    missed = 0
    chosen = [one for one in controls() if not rows or one["row"] in rows]
    if running:
        every = sorted({test for one in chosen for test in one["tests"]})
        print(f"with all controls in place: {(state := outcomes(every, []))}", flush=True)
        if state != "passed":
            return 1
    for one in chosen:
        print(f"row {one['row']}: {one['control']}", flush=True)
        for edit in one["edits"]:
            print(f"  {edit['file']}: -{' -'.join(edit['remove'])} +{edit.get('put', [])}")
        if not running:
            continue
        began = time.monotonic()
        for test in one["tests"]:
            state = outcomes([test], one["edits"])
            missed += state != "failed"
            print(
                f"  {state}{'' if state == 'failed' else ', NOT AS IT SHOULD'}: {test}", flush=True
            )
        print(f"  {time.monotonic() - began:.0f} s", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
