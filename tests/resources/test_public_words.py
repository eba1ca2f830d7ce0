"""What the register lets a page say: approved entries alone, and what the release before said."""

import json
from typing import Any

from assets.public.page import asset
from assets.released.public_words import PublicWords
from resources.base.home import Home
from resources.stores.study.harm_review import SENSITIVE, withheld_for_good
from resources.stores.study.public_words import public_words
from resources.stores.study.register import file_of

NAMES = list(PublicWords.__dataclass_fields__)


def release(home: Home, number: int, content: bytes) -> None:
    folder = home.public / "releases" / str(number)
    folder.mkdir(parents=True)
    (folder / "facts.json").write_bytes(content)


def change(home: Home, before: str) -> None:
    """Change a text of the register without anybody's approval."""
    text = file_of(home).read_text("utf-8")
    assert before in text
    file_of(home).write_text(text.replace(before, "Somebody Else"), "utf-8")


def test_an_entry_that_nobody_approved_is_not_said(home: Home, write_register: Any) -> None:
    assert public_words(home) == PublicWords()
    write_register(home)
    said = public_words(home)
    assert all(getattr(said, name) for name in NAMES)
    change(home, said.controller)
    changed = public_words(home)
    assert (changed.controller, changed.sponsor) == ("", "")
    assert changed.licence == said.licence
    file_of(home).write_text("{", "utf-8")
    assert public_words(home) == PublicWords()


def test_what_the_register_lacks_is_as_the_release_before_said(
    home: Home, write_register: Any
) -> None:
    assert asset._words(home) == PublicWords()
    earlier = {name: f"earlier {name}" for name in NAMES}
    release(home, 1, json.dumps({"words": earlier}).encode())
    # Nothing else of a release is needed for it, and a damaged one is passed over.
    release(home, 2, b"{")
    assert asset._words(home) == PublicWords(**earlier)
    write_register(home)
    said = asset._words(home)
    assert said == public_words(home)
    change(home, said.controller)
    after = asset._words(home)
    assert after.controller == "earlier controller"
    assert after.licence == said.licence


def test_only_an_approved_review_deletes_forecasts(
    home: Home, write_register: Any, study_entries: Any
) -> None:
    assert withheld_for_good(home) == frozenset()
    entries = study_entries(home)
    entries["risks_and_harms"]["resistance_forecast"] = False
    write_register(home, entries, by=("ana",))
    assert withheld_for_good(home) == frozenset()
    write_register(home, entries)
    assert withheld_for_good(home) == SENSITIVE
    file_of(home).write_text("{", "utf-8")
    assert withheld_for_good(home) == frozenset()
