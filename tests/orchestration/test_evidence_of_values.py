"""From each public point to how it came about: the same for any number of groups, and for ever."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from assets.public.records.evidence import read_evidence
from orchestration.public import public_definitions
from orchestration.runs import failure_code, run_job
from resources.base.database.tables import (
    evidence,
    evidence_cards,
    gate_verdicts,
    group_scores,
    regional_values,
)
from resources.base.program import code_digest
from resources.models.narrow_encoder import encoder_digest
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource
from resources.stores.published.releases import Releases
from resources.stores.release.evidence import Releasing
from resources.stores.release.group_commitment import groups_committed_to
from resources.stores.study.register import file_of, read_register

pytestmark = pytest.mark.slow

LONDON = "greater_london"
FIRST, LAST = date(2026, 10, 11), date(2026, 10, 12)
DIGEST = re.compile(r"[0-9a-f]{64}")


def published(house, groups: int, *, objects: bool = False) -> dict[str, bytes]:
    """The files of the release of a home in which so many groups wrote on two days."""
    refs = house.groups(groups, FIRST, LAST)
    members = house.resources["members"]
    if objects:
        marks = members.marker(refs[0]).marks_of("Grace Okafora")
        said = MemberEvent(Saying.OBJECTED, SayingSource.COMMAND, FIRST, marks)
        members.record(refs[0], said, house.clock.now())
    assert house.run("collect", FIRST, LAST) is None
    scores = house.resources["score_store"].of_region_day(LONDON, LAST)
    assert [scores[ref][0].person_days for ref in refs[:2]] == [6 - objects, 6]
    assert house.run("release", FIRST, LAST) is None
    return publish(house)


def publish(house) -> dict[str, bytes]:
    public = public_definitions(house.session.home, house.clock)
    assert run_job(public, "publish", house.instance, region=LONDON, first=LAST, last=LAST) is None
    releases = Releases(house.session.home.public)
    folder = releases.folder(max(releases.numbers()))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def rows(house, table: sa.Table) -> list[dict[str, Any]]:
    with house.database.transaction() as connection:
        found = connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()
        return [dict(one) for one in found]


def names_in(content: Any) -> set[str]:
    """Every name of a field, at any depth."""
    if isinstance(content, dict):
        return set(content).union(*map(names_in, content.values()))
    return set().union(*map(names_in, content)) if isinstance(content, list) else set()


def links_resolve(files: dict[str, bytes]) -> int:
    """Follow every link of a release's pages to its file and place; how many lead to a place."""
    pages = {name: one.decode() for name, one in files.items() if name.endswith(".html")}
    followed = 0
    for name, text in pages.items():
        page = re.sub(r"<(pre|script)[ >].*?</\1>", "", text, flags=re.DOTALL)
        for file, _, place in re.findall(r'href="([^"#:]*)(#([^"]+))?"', page):
            assert not file or file in files or file.startswith("../"), (name, file)
            if place:
                assert f'id="{place}"' in pages[file or name], (name, file, place)
                followed += 1
    return followed


def every_row_has_evidence(house, files: dict[str, bytes]) -> None:
    place = ("region", "day", "method_version", "revision")
    keys = {tuple(one[name] for name in place) for one in rows(house, regional_values)}
    for table in (evidence, evidence_cards):
        assert {tuple(one[name] for name in place) for one in rows(house, table)} == keys
    header, *lines = files["latest.csv"].decode().splitlines()
    ids = {line.rpartition(",")[2] for line in lines if line.startswith("published,")}
    assert header.endswith(",point_id")
    assert len(ids) == 3 * len(keys)
    cards = {one.key: vars(one) for one in read_evidence(files["evidence.json"])}
    assert list(cards.values()) == rows(house, evidence_cards)
    told = json.loads(files["evidence.json"])["region_days"]
    assert {point for one in told for point in one["points"].values()} == ids
    assert all(f'id="{one}"' in files["evidence.html"].decode() for one in ids)
    assert links_resolve(files) > len(ids) / 3


def test_nothing_of_the_evidence_differs_with_groups_or_objections_and_it_outlives_its_sources(
    open_house,
) -> None:
    of_12 = published(open_house(), 12)
    of_7 = published(open_house(), 7)
    house = open_house()
    objected = published(house, 7, objects=True)

    assert set(of_7) == set(of_12) == set(objected)
    for name in ("evidence.json", "evidence.html"):
        # To the byte, but for digests: the salted commitment, and the register names its home.
        alike = {DIGEST.sub("DIGEST", files[name].decode()) for files in (of_7, of_12, objected)}
        assert len(alike) == 1
        assert len({len(files[name]) for files in (of_7, of_12, objected)}) == 1
    for name in (one for one in of_7 if one.endswith(".json")):
        told = [names_in(json.loads(files[name])) for files in (of_7, of_12, objected)]
        assert told[1:] == told[:2], name
    for name in (one for one in of_7 if one.endswith(".csv")):
        told = [files[name].splitlines()[0] for files in (of_7, of_12, objected)]
        assert told[1:] == told[:2], name

    # What the restricted row says is what the tables say while they still do.
    verdicts = rows(house, gate_verdicts)
    kept = rows(house, evidence)
    assert len(kept) == 2
    runs = {one.job_name: one.run_id for one in house.instance.get_runs()}
    register = read_register(file_of(house.session.home)).digest(house.session.home)
    scored = house.resources["score_store"].settled(LONDON, [LAST])
    models = house.resources["score_store"].model_versions(LONDON, LAST)
    for row in kept:
        assert row["recorded"] == "at_release"
        assert row["release_run"] == runs["release"]
        assert row["collect_runs"] == row["score_runs"] == [runs["collect"]]
        assert row["gate_passed"] is True
        assert row["micro_rho"] == 50_000
        assert (row["register_digest"], row["code_digest"]) == (register, code_digest())
        assert row["encoders_used"] == [row["encoder_digest"]] == [encoder_digest()]
        assert row["taggers_used"] == [row["tagger_digest"]] == [verdicts[0]["tagger_digest"]]
        assert row["vocabularies_used"] == [row["vocabulary_digest"]]
        assert row["models_used"] == [*next(iter(models.values()))]
        refs = {ref for _, ref in scored}
        assert groups_committed_to(row["groups_commitment"], row["salt"], refs) == refs

    # Five weeks and a day later what it came from is gone, and the evidence is not.
    house.clock.moment += timedelta(days=36)
    job = house.definitions.resolve_job_def("lifetimes")
    done = job.execute_in_process(instance=house.instance, raise_on_error=False)
    assert done.success, failure_code(done.all_events)
    assert (rows(house, gate_verdicts), rows(house, group_scores)) == ([], [])
    assert rows(house, evidence) == kept
    for files in (objected, publish(house)):
        every_row_has_evidence(house, files)

    # A value that no release wrote is refused before it is public.
    later = {name: kept[-1][name] for name in ("region", "method_version", "revision")}
    with house.database.transaction() as connection:
        connection.execute(
            regional_values.insert(),
            [
                {
                    **later,
                    "day": LAST + timedelta(days=1),
                    "construct": construct,
                    "status": "published",
                    "estimate": 0.99,
                    "closed_at": house.clock.now(),
                }
                for construct in ("burnout", "resilience", "resistance")
            ],
        )
    public = public_definitions(house.session.home, house.clock)
    code = run_job(public, "publish", house.instance, region=LONDON, first=LAST, last=LAST)
    assert code == "VALUE_WITHOUT_EVIDENCE"
    # The chain stops the release before the check of values comes to it, which would find it too.
    assert house.run("release", LAST, LAST + timedelta(days=1)) == "CHAIN_VALUE_WITHOUT_DRAW"
    known = house.resources["evidence_records"].keys(LONDON, [LAST, LAST + timedelta(days=1)])
    assert {one.day for one in known} == {LAST}


def test_values_and_evidence_are_stored_together_or_not_at_all(
    house, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.groups(5, LAST, LAST)
    assert house.run("collect", LAST) is None
    real = Releasing.__init__

    def too_long(self, in_force, run_id) -> None:
        real(self, in_force, f"{run_id} and more")

    with monkeypatch.context() as patch:
        patch.setattr(Releasing, "__init__", too_long)
        assert house.run("release", LAST) == "DATABASE_REFUSED"
    assert [rows(house, one) for one in (regional_values, evidence, evidence_cards)] == [[], [], []]
    # The draw was paid for and is lost, which has its evidence, too.
    assert house.run("release", LAST) is None
    (row,) = rows(house, evidence)
    assert (row["gate_passed"], row["collect_runs"], row["micro_rho"]) == (None, [], 50_000)
    (card,) = rows(house, evidence_cards)
    assert (card["published"], card["micro_rho"], card["gate_passed"]) == (False, None, None)
    assert groups_committed_to(row["groups_commitment"], row["salt"], []) == frozenset()
