"""What the register lets a page say: approved entries alone, and what the release before said."""

import json
from datetime import date
from typing import Any

from assets.core.public_files import NEXT_FACTS
from assets.public.page import asset
from assets.released.public_words import PublicWords
from assets.released.reviewed_facts import standing, written
from resources.base.home import Home
from resources.stores.reviewed.signed_words import signed_words
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
    def words() -> PublicWords:
        """What a release says, once what the register lets cross the wall has crossed it."""
        signed = signed_words(home)
        for name, said in (signed.words if signed else {}).items():
            facts.append(("words", name, said, date(2026, 11, 3)))
        folder = home.public
        folder.mkdir(exist_ok=True)
        (folder / NEXT_FACTS).write_bytes(written(standing(facts)))
        return asset._words(home, asset._reviewed(home))

    facts: list[Any] = []
    assert words() == PublicWords()
    earlier = {name: f"earlier {name}" for name in NAMES}
    release(home, 1, json.dumps({"words": earlier}).encode())
    # Nothing else of a release is needed for it, and a damaged one is passed over.
    release(home, 2, b"{")
    assert words() == PublicWords(**earlier)
    write_register(home)
    said = words()
    assert said == public_words(home)
    change(home, said.controller)
    # What nobody has approved does not cross: what stood before stands.
    assert words() == said
    file_of(home).write_text("{", "utf-8")
    assert words() == said


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
