"""The word lists that patterns are made of."""

from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("lists.yaml")

LISTS: dict[str, tuple[str, ...]] = {
    name: tuple(entry.strip() for entry in entries.split(","))
    for name, entries in yaml.safe_load(_FILE.read_text(encoding="utf-8")).items()
}
"""Lower-case words and phrases by the list's name, in the order of the file."""
