"""Coverage-guided fuzzing of every reader: `python -m bench.reader_fuzzing --seconds 600`.

It needs atheris, which is no dependency: install it into a folder of its own with
`pip install --no-deps --target FOLDER atheris` and put that folder on PYTHONPATH. Anything but an
`ExportError` with a code, a report that its messages contradict, a chronicle that says something
else, a file that takes long or much memory ends the run; the file that shows it is left in
`--found`, for all of them are made up.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from bench import fuzz_reader

LONGEST_FILE = 6_000
SEEDS = 400
SLOWEST_SECONDS, MOST_MEGABYTES = 20, 2_048
READERS = "assets.restricted.collection"
TEXTS = (
    "[2026-10-15, 08:30] Ola: hello\n> Ben: hi\n[2026-10-15, 08:31] Me: (( sticker ))\n"
    "(- Cy: x -)\n",
    "[2026-10-15 08:30:05] No-Sender: joined\n[2026-10-15 08:31:05] Ola: ![a](./media/a.jpg)\n",
    '{"date":"2026-10-15 08:30:05","sender":"Ola","body":"hello","attachments":[{}]}\n'
    '{"date":"2026-10-15 08:31:05","sender":"No-Sender","deleted":true}\n',
)


def seeds(folder: Path) -> None:
    """Write small files of every form, whole and damaged."""
    for number, text in enumerate(TEXTS):
        (folder / f"text{number}").write_text(text, "utf-8")
    for number in range(SEEDS):
        made = fuzz_reader.mutated(random.Random(number))
        if len(made) <= LONGEST_FILE:
            (folder / f"seed{number}").write_bytes(made)


def changed(data: bytes, chance: random.Random) -> bytes:
    """A file with some fields changed where it is JSON, else with some damage."""
    try:
        lines = data.splitlines() if data.count(b"\n{") > 1 else [data]
        documents: list[Any] = [json.loads(one) for one in lines]
        for _ in range(chance.choice((1, 2, 4))):
            place = chance.randrange(len(documents))
            documents[place] = fuzz_reader._change(documents[place], chance)
        written = [json.dumps(one, ensure_ascii=False) for one in documents]
        return "\n".join(written).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError, IndexError):
        damaged = bytearray(data)
        chance.choice(fuzz_reader.MUTATIONS)(damaged, chance)
        return bytes(damaged)


def fuzz(corpus: str, found: str, seconds: int, seed: int) -> None:
    """Fuzz until the time is over; never returns."""
    import atheris  # noqa: PLC0415  # pyright: ignore

    guided: Any = atheris
    with guided.instrument_imports(include=[READERS], enable_loader_override=False):
        folders = ("platforms", "signal", "whatsapp", "slack", "messenger", "structured")
        for package in (f"{READERS}.{folder}" for folder in folders):
            for one in iter_modules(import_module(package).__path__):
                import_module(f"{package}.{one.name}")

    def mutated(data: bytes, most: int, number: int) -> bytes:
        chance = random.Random(number)
        if chance.random() < fuzz_reader.HALF:
            return guided.Mutate(data, most)
        return changed(data, chance)[:most]

    settings = [
        sys.argv[0],
        corpus,
        f"-artifact_prefix={found}/",
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST_FILE}",
        f"-timeout={SLOWEST_SECONDS}",
        f"-rss_limit_mb={MOST_MEGABYTES}",
        f"-seed={seed}",
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    guided.Setup(settings, fuzz_reader.outcome, custom_mutator=mutated)
    guided.Fuzz()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=600)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--found", default=".", help="folder for a file that breaks a reader")
    options.add_argument("--corpus", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.corpus:
        fuzz(chosen.corpus, chosen.found, chosen.seconds, chosen.seed)
    with tempfile.TemporaryDirectory(prefix="tideline-fuzzing-") as folder:
        seeds(Path(folder))
        # In a process of its own, for libFuzzer ends the one that it runs in.
        again = [sys.executable, "-m", "bench.reader_fuzzing", "--corpus", folder, *sys.argv[1:]]
        return subprocess.run(again, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
