"""What production does with a group's messages, timed: scrub, language, gate, embed, score.

Runs by itself in a tree of its own, of this commit or an older one, so it names nothing of the
bench and knows the places where modules lay before. The process that starts it writes a line for
each round and reads one line of figures; messages never cross.
"""

import json
import random
import re
import resource
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

GROUP = 200
"""Messages of one group, over three days."""

NAMES = (
    "Ama Boateng", "Grace Okafor", "~ Joy", "Tomasz Nowak", "Will Hart", "Priya Patel",
    "Sam Rose", "Fatima Noor", "Dai Morgan", "Ioana Popa", "Bless", "May Dixon",
)  # fmt: skip
SEED = 14
_MARKED = re.compile(r"\[([^|\]]*)\|[^\]]*\]")
_START = datetime(2026, 10, 5, 9, tzinfo=ZoneInfo("Europe/London"))


def read_messages(name: str, corpora: Path, most: int) -> list[str]:
    """At most so many messages of a set, drawn once and for all.

    Args:
        name: `sms`, `care`, or `own` for the project's own held-out ones.
        corpora: folder with `real_sms/` and `care_messages/`.
        most: 0 for all.
    """
    if name == "own":
        lines = (Path(__file__).parent / "held_out.txt").read_text("utf-8").splitlines()
        texts = [_MARKED.sub(r"\1", one) for one in lines if one and not one.startswith("#")]
    elif name == "care":
        texts = [
            json.loads(line)["text"]
            for path in sorted((corpora / "care_messages").glob("care_?.jsonl"))
            for line in path.read_text("utf-8").splitlines()
        ]
    else:
        (archive,) = (corpora / "real_sms").glob("*.zip")
        with zipfile.ZipFile(archive) as packed, packed.open(packed.namelist()[0]) as file:
            texts = [
                element.text or ""
                for _, element in ElementTree.iterparse(file)
                if element.tag == "text"
            ]
    random.Random(SEED).shuffle(texts)
    return texts[:most] if most else texts


class WholePath:
    """The models, loaded, and what runs them."""

    def __init__(self) -> None:
        self.group_day = _either(
            "assets.restricted.scrubbing.group_day", "assets.scrubbing.group_day"
        )
        scrubbing = _either("assets.restricted.scrubbing", "assets.scrubbing")
        encoder = _either(
            "resources.models.narrow_encoder",
            "resources.models.sentence_encoder",
            "resources.sentence_encoder",
        )
        model = _either(
            "assets.restricted.scoring.construct_model.model",
            "assets.scoring.construct_model.model",
        )
        self._message = _either(
            "assets.restricted.collection.export", "assets.collection.export"
        ).Message
        self.scrubber = scrubbing.Scrubber.load()
        narrow = getattr(encoder, "load_narrow_encoder", None)
        self.encoder = narrow() if narrow else encoder.load_encoder()
        self.model = model.load_construct_model()
        self.vocabulary = next(
            one._words for one in self.scrubber._layers if one.name == "vocabulary"
        )

    def groups(self, texts: Sequence[str]) -> list[list[Any]]:
        """The texts as messages of groups, by twelve people over three days."""
        return [
            [
                self._message(
                    sent_at=_START + timedelta(days=i * 3 // GROUP, minutes=i % 60),
                    author=NAMES[i * 7 % len(NAMES)],
                    kind="speech",
                    text=text,
                )
                for i, text in enumerate(texts[start : start + GROUP])
            ]
            for start in range(0, len(texts), GROUP)
        ]

    def run(self, messages: Sequence[Any]) -> None:
        """One group: its vectors, and their scores."""
        made = self.group_day.vectors_of_group(
            messages,
            NAMES,
            scrubber=self.scrubber,
            vocabulary=self.vocabulary,
            encoder=self.encoder,
        )
        for one in made.days.values():
            self.model.score(one.embeddings)


def timed(work: Callable[[], object]) -> dict[str, float]:
    """CPU-seconds of this process and its children, and wall seconds."""
    cpu, wall = _cpu(), time.perf_counter()
    work()
    return {"cpu": _cpu() - cpu, "wall": time.perf_counter() - wall}


def _cpu() -> float:
    own = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in own)


def _either(*names: str) -> ModuleType:
    """The module that this tree has: an installed copy of the project may have the other."""
    tree = Path.cwd()
    for name in names:
        place = tree.joinpath(*name.split("."))
        if place.is_dir() or place.with_suffix(".py").is_file():
            module = import_module(name)
            if not Path(str(module.__file__)).is_relative_to(tree):
                raise ImportError(name)
            return module
    raise ImportError(names[0])


def main() -> None:
    """Arguments: set, folder of corpora, most messages. A round for each line of standard input."""
    name, corpora, most = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    path = WholePath()
    groups = path.groups(read_messages(name, corpora, most))
    path.run(groups[0][:50])
    messages = sum(len(own) for own in groups)
    print(json.dumps({"messages": messages}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(timed(lambda: [path.run(own) for own in groups])), flush=True)


if __name__ == "__main__":
    main()
