"""A fault of ours that one group's export brings to light stops that group alone, and is told."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assets.core.errors import CATALOGUE
from assets.restricted.collection import group_exports as collection
from assets.restricted.collection.export import Export, Messages
from assets.restricted.collection.group_reading import GroupReading
from assets.restricted.consent.sentences import OBJECTION_SENTENCE
from assets.restricted.scrubbing import group_step
from orchestration.cli import app
from resources.stores.vectors import group_day_vectors

pytestmark = pytest.mark.slow

DAY = date(2026, 10, 12)
SECRET = "wobblequex"
AGAIN, ONCE_READ, SCRUBBED = "quindlemoop", "snargletuft", "frobnelwick"
"""Words at which other places break."""


class PlantedError(Exception):
    """No error of ours."""


def broken_where_the_word_is(export: Export) -> Export:
    """The export, whose messages break a reader, quoting what they say."""
    given = export.messages

    def messages() -> Any:
        for one in given:
            if AGAIN in one.text:
                raise PlantedError(one.text)
            yield one

    return type(export)(**{**vars(export), "messages": Messages(messages)})


def in_a_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    real = collection.read_export

    def read(source: Any, *given: Any, **named: Any) -> Export:
        if SECRET.encode() in source.read():
            raise PlantedError(SECRET)
        source.seek(0)
        return real(source, *given, **named)

    monkeypatch.setattr(collection, "read_export", read)


def in_what_a_reader_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    real = collection.read_export
    monkeypatch.setattr(
        collection,
        "read_export",
        lambda *given, **named: broken_where_the_word_is(real(*given, **named)),
    )


def once_its_days_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    real = GroupReading.messages

    def read(self: Any, *given: Any, **named: Any) -> Any:
        own = real(self, *given, **named)
        if any(ONCE_READ in one.text for one in own.messages):
            raise PlantedError(ONCE_READ)
        return own

    monkeypatch.setattr(GroupReading, "messages", read)


def in_scrubbing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = group_step.vectors_of_group

    def scrub(messages: Any, *given: Any, **named: Any) -> Any:
        if any(SCRUBBED in one.text for one in messages):
            raise PlantedError(SCRUBBED)
        return real(messages, *given, **named)

    monkeypatch.setattr(group_step, "vectors_of_group", scrub)


PLANTED = (
    (in_a_reader, SECRET, "platform_export", "EXPORT_READER_BROKEN"),
    (in_what_a_reader_gives, AGAIN, "platform_export", "EXPORT_READER_BROKEN"),
    (once_its_days_are_read, ONCE_READ, "scrubbed_vectors", "EXPORT_READER_BROKEN"),
    (in_scrubbing, SCRUBBED, "scrubbed_vectors", "GROUP_STEP_BROKEN"),
)


def test_the_other_groups_go_on_and_status_names_code_and_place(
    house: Any, chat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *broken, last = (house.grant() for _ in range(2 + len(PLANTED)))
    for ref in (first, last):
        house.deliver(ref, chat(DAY, DAY))
    for ref, (_, word, *_) in zip(broken, PLANTED, strict=True):
        house.deliver(ref, chat(DAY, DAY).replace(b"kettle", b"kettle " + word.encode()))
    with monkeypatch.context() as patch:
        for plant, *_ in PLANTED:
            plant(patch)
        assert house.run("collect", DAY) == "GROUPS_REFUSED"
    codes = [one[-1] for one in PLANTED]
    assert house.codes() == {ref: {code} for ref, code in zip(broken, codes, strict=True)}
    assert house.group_days() == {(DAY, first), (DAY, last)}
    told = ""
    for ref, (_, word, stage, code) in zip(broken, PLANTED, strict=True):
        shown = CliRunner().invoke(app, ["status", "--group", ref])
        assert shown.exit_code == 0, shown.output
        of_group = " ".join(shown.output.split())
        place = f"raised in {stage}: PlantedError at tests/orchestration/test_unforeseen_"
        assert place in of_group, word
        assert CATALOGUE[code].next_step in of_group, word
        told += of_group
    events = "".join(map(str, log(house)))
    for kept in (told, events, files_of(house)):
        assert not [word for _, word, *_ in PLANTED if word in kept]
        assert "okafor" not in kept.lower()
    # Mended, they are read as if nothing had been.
    assert house.run("collect", DAY) is None
    assert house.group_days() == {(DAY, ref) for ref in (first, *broken, last)}


def log(house: Any) -> list[Any]:
    return [one for run in house.instance.get_runs() for one in house.instance.all_logs(run.run_id)]


def files_of(house: Any) -> str:
    """All that the home keeps, but for what is sealed."""
    root: Path = house.session.home.root
    return b"".join(one.read_bytes() for one in root.rglob("*") if one.is_file()).decode(
        "utf-8", "replace"
    )


def test_no_older_export_serves_while_a_newer_one_may_say_who_objects(
    house: Any, chat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ref,) = house.groups(1, DAY, DAY)
    house.clock.set_to(date(2026, 10, 15), hour=10)
    said = {"a": OBJECTION_SENTENCE, "b": SECRET}
    more = [f"{DAY:%d/%m/%Y}, 20:00 - Grace Okafor{who}: {text}\n" for who, text in said.items()]
    house.deliver(ref, chat(DAY, DAY) + "".join(more).encode())
    with monkeypatch.context() as patch:
        in_a_reader(patch)
        for job in ("collect", "collect"):
            assert house.run(job, DAY) == "GROUPS_REFUSED"
    assert house.codes() == {ref: {"EXPORT_READER_BROKEN"}}
    assert house.group_days() == set()
    # Mended, all are read but who objects there.
    assert house.run("collect", DAY) is None
    ((_, scores),) = house.resources["score_store"].of_region_day("greater_london", DAY).items()
    assert {one.person_days for one in scores} == {5}


def test_vectors_on_which_scoring_breaks_keep_no_other_group_back(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = house.groups(3, DAY, DAY)
    real, calls = group_day_vectors.vectors_in, [0]

    def read(content: bytes) -> Any:
        calls[0] += 1
        if calls[0] == 1:
            raise PlantedError(SECRET)
        return real(content)

    with monkeypatch.context() as patch:
        patch.setattr("assets.restricted.scoring.asset.vectors_in", read)
        assert house.run("collect", DAY) == "GROUPS_REFUSED"
    ((broken, codes),) = house.codes().items()
    assert codes == {"GROUP_STEP_BROKEN"}
    assert house.group_days() == {(DAY, ref) for ref in refs if ref != broken}
    # Its vectors are kept, and scored by the next run.
    assert house.run("collect", DAY) is None
    assert house.group_days() == {(DAY, ref) for ref in refs}
