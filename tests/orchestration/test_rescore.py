import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import dagster as dg
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from assets.core.constructs import CONSTRUCTS
from assets.core.errors import TidelineError
from assets.restricted.scoring import score_vectors
from assets.restricted.scoring.construct_model.model import load_construct_model
from assets.restricted.scoring.person_days import DayCurve
from orchestration.cli import app
from orchestration.cli.rescore import rescore_day
from resources.base.database.tables import (
    group_days,
    group_scores,
    ledger,
    noisy_draws,
    regional_values,
    rescorings,
    score_revisions,
)
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource

pytestmark = pytest.mark.slow

LONDON, EAST = "greater_london", "east_of_england"
DAY = date(2026, 10, 12)


@dataclass(frozen=True)
class Corrected:
    """A model that gives every message the same."""

    version: str = "seeds-2-00000000000a"
    level: float = 0.25

    @property
    def curves(self) -> Mapping[str, DayCurve]:
        # By which a person-day of a quarter is a quarter.
        return dict.fromkeys(CONSTRUCTS, DayCurve((0.5,), 4 * math.log(3)))

    def score(self, embeddings: np.ndarray) -> Mapping[str, np.ndarray]:
        return {construct: np.full(len(embeddings), self.level) for construct in CONSTRUCTS}


@pytest.fixture
def corrected(monkeypatch: pytest.MonkeyPatch) -> Corrected:
    monkeypatch.setattr("orchestration.cli.rescore.load_construct_model", Corrected)
    return Corrected()


def rescored(house, model, day: date = DAY, regions: tuple[str, ...] = (LONDON,)):
    return rescore_day(house.session, day, regions, model)


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, ["rescore", *words])


def levels(house, day: date = DAY) -> dict[str, set[float]]:
    scores = house.resources["score_store"].of_region_day(LONDON, day)
    return {
        ref: {one.sum_milli / one.person_days for one in of_group}
        for ref, of_group in scores.items()
    }


def test_an_open_day_is_released_by_the_corrected_model_and_then_stays(
    house, corrected, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = house.groups(5, DAY, DAY)
    assert house.run("collect", DAY) is None
    before = house.resources["score_store"].of_region_day(LONDON, DAY)
    settled = house.rows(group_days, group_scores)
    monkeypatch.setenv("TIDELINE_HOME", str(house.session.home.root))
    monkeypatch.setattr("orchestration.cli.session.Clock", lambda: house.clock)
    shown = typed("--day", str(DAY))
    assert shown.exit_code == 0, shown.output
    lines = [one.split() for one in shown.stdout.splitlines()]
    assert [LONDON, "5", "0", "0", "0"] in lines
    assert [EAST, "0", "0", "0", "0"] in lines
    assert house.rows(group_days, group_scores) == settled
    assert levels(house) == {ref: {-250.0} for ref in refs}
    after = house.resources["score_store"].of_region_day(LONDON, DAY)
    assert {
        ref: [(x.construct, x.person_days, x.messages) for x in s] for ref, s in after.items()
    } == {ref: [(x.construct, x.person_days, x.messages) for x in s] for ref, s in before.items()}
    [change] = house.rows(rescorings)[0]
    assert change[2:] == (LONDON, DAY, settled[1][0][6], corrected.version, 5)
    the_lineage_says_which_model_scored_what(house, corrected)
    # Again by the same model it changes nothing.
    before = house.rows(score_revisions, rescorings, ledger)
    done, codes = rescored(house, corrected)
    assert (codes, done[LONDON].replaced, done[LONDON].by_this_model) == ({}, 0, 5)
    assert house.rows(score_revisions, rescorings, ledger) == before
    # A further collect leaves the new scores alone, and the release is by them.
    assert house.run("collect", DAY) is None
    assert house.run("release", DAY) is None
    assert [value[4] for value in house.values()] == [0.25] * 3
    assert [row[3] for row in house.rows(ledger)[0] if row[2] == "region_day_rescored"] == [LONDON]
    # Closed, the day refuses any other model.
    tables = (group_days, group_scores, regional_values, noisy_draws, score_revisions, rescorings)
    before = house.rows(*tables, ledger)
    refused = rescored(house, Corrected("seeds-3-00000000000b", 0.75))
    assert refused == ({}, {LONDON: "REGION_DAY_CLOSED"})
    for words, code in (
        (("--day", str(DAY), "--region", LONDON), "REGION_DAY_CLOSED"),
        (("--day", "2026-10-15"), "DAY_NOT_OVER"),
        (("--day", "2026-08-31"), "DAY_BEFORE_FIRST"),
        (("--day", str(DAY), "--region", "mars"), "REGION_UNKNOWN"),
    ):
        error = typed(*words).exception
        assert isinstance(error, TidelineError)
        assert error.code == code
    assert house.rows(*tables, ledger) == before


def the_lineage_says_which_model_scored_what(house, corrected) -> None:
    event = house.instance.get_latest_materialization_event(dg.AssetKey("group_scores"))
    metadata = event.asset_materialization.metadata
    assert metadata["model_version"].value == corrected.version
    assert metadata["group_days_scored"].value == 5
    assert event.asset_materialization.partition == f"{DAY}|{LONDON}"


def test_consent_and_objections_are_asked_again(house, corrected) -> None:
    leaver, objected, *others = house.groups(7, DAY, DAY)
    assert house.run("collect", DAY) is None
    was = levels(house)
    house.withdraw(leaver)
    members = house.resources["members"]
    marks = members.marker(objected).marks_of("Grace Okafora")
    said = MemberEvent(Saying.OBJECTED, SayingSource.COMMAND, DAY, marks)
    members.record(objected, said, house.clock.now())
    done, codes = rescored(house, corrected)
    assert (codes, done[LONDON].replaced, done[LONDON].left_out) == ({}, 5, 2)
    left = {ref: was[ref] for ref in (leaver, objected)}
    assert levels(house) == left | {ref: {-250.0} for ref in others}
    store = house.resources["vector_store"]
    assert {one.group_ref for one in store.find(LONDON, [DAY]) if one.destroyed} == set(left)
    # Nor is it read by a later model.
    done, codes = rescored(house, Corrected("seeds-3-00000000000b", 0.75))
    assert (codes, done[LONDON].replaced, done[LONDON].left_out) == ({}, 5, 2)


def test_vectors_that_no_model_may_score_are_refused_and_the_scores_stay(
    house, corrected, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = house.groups(5, DAY, DAY)
    assert house.run("collect", DAY) is None
    before, kept = levels(house), house.rows(score_revisions, rescorings)
    # The committed model wants vectors of the real encoder; these are narrower.
    done, codes = rescored(house, load_construct_model())
    assert codes == {LONDON: "GROUPS_REFUSED"}
    assert done[LONDON].refused == dict.fromkeys(refs, "VECTORS_NOT_AS_AGREED")
    assert levels(house) == before
    # Of another encoder, though they are as wide.
    with monkeypatch.context() as patch:
        patch.setattr(score_vectors, "encoder_digest", lambda: "f" * 64)
        done, codes = rescored(house, corrected)
    assert codes == {LONDON: "GROUPS_REFUSED"}
    assert done[LONDON].refused == dict.fromkeys(refs, "VECTORS_OF_OTHER_ENCODER")
    assert levels(house) == before
    assert house.rows(score_revisions, rescorings) == kept
    one_damaged_group_does_not_keep_the_others_back(house, corrected)
    before, kept = levels(house), house.rows(score_revisions, rescorings)
    # Destroyed.
    house.resources["vector_store"].destroy(LONDON, DAY, house.clock.now())
    another = Corrected("seeds-3-00000000000b", 0.75)
    assert rescored(house, another) == ({}, {LONDON: "VECTORS_DESTROYED"})
    assert levels(house) == before
    assert house.rows(score_revisions, rescorings) == kept
    # Nothing was scored there, so there is nothing to miss.
    done, codes = rescored(house, corrected, regions=(EAST,))
    assert (codes, done[EAST].replaced) == ({}, 0)


def one_damaged_group_does_not_keep_the_others_back(house, corrected) -> None:
    store = house.resources["vector_store"]
    bad = store.find(LONDON, [DAY])[0]
    path = store._path(bad.region, bad.day, bad.group_ref, bad.key_id)
    path.write_bytes(b"x" * 50)
    done, codes = rescored(house, corrected)
    assert codes == {LONDON: "GROUPS_REFUSED"}
    assert (done[LONDON].replaced, done[LONDON].refused) == (
        4,
        {bad.group_ref: "SEALED_DATA_DAMAGED"},
    )
    assert "SEALED_DATA_DAMAGED" in house.codes()[bad.group_ref]
    # A score off the scale is refused, and the ones that stand stay.
    stood = levels(house)
    done, codes = rescored(house, Corrected("seeds-3-00000000000b", float("nan")))
    assert set(done[LONDON].refused.values()) == {"SEALED_DATA_DAMAGED", "SCORE_OUT_OF_RANGE"}
    assert levels(house) == stood
