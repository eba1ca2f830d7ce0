"""The checks that read again what each step stored."""

from dataclasses import fields
from datetime import date, timedelta

import dagster as dg
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.core.errors import code_and_remedy
from assets.public.forecasting.headline import HeadlineForecast
from assets.restricted.release.checks import ValueFacts
from assets.restricted.scoring.checks import ScoreFacts
from assets.restricted.scrubbing.stored_vectors import VectorFaults
from orchestration.public import public_definitions
from orchestration.runs import failure_code, run_job
from resources.base.database.tables import gate_verdicts, vectors
from resources.containment.seal import METADATA_LABELS
from resources.stores.vectors import group_day_vectors

DAY, NEXT_DAY = date(2026, 10, 12), date(2026, 10, 13)
PLANTED = "xyzzyplover"
REFUSALS = {"every_export_read", "no_group_refused"}
CHECKS = REFUSALS | {
    "only_reviewed_words",
    "only_vectors_stored",
    "scores_in_range",
    "values_as_agreed",
}


def checks(house) -> dict[str, tuple[bool, dict[str, object]]]:
    """The newest evaluation of each check, as it was stored."""
    found = {}
    for record in reversed(
        house.instance.get_records_for_run(
            house.instance.get_run_records(limit=1)[0].dagster_run.run_id,
            of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION,
        ).records
    ):
        evaluation = record.event_log_entry.dagster_event.asset_check_evaluation_data
        found[evaluation.check_name] = (
            evaluation.passed,
            {label: value.value for label, value in evaluation.metadata.items()},
        )
    return found


@pytest.fixture
def with_text(monkeypatch: pytest.MonkeyPatch):
    """A store that writes a column of text into the first file; what undoes it."""
    real, calls = group_day_vectors.to_parquet, 0

    def written(content: group_day_vectors.GroupDayVectors) -> bytes:
        nonlocal calls
        calls += 1
        if calls > 1:
            return real(content)
        table = pq.read_table(pa.BufferReader(real(content)))
        out = pa.BufferOutputStream()
        words = pa.array([PLANTED] * len(table))
        pq.write_table(table.append_column("text", words), out)
        return out.getvalue().to_pybytes()

    with monkeypatch.context() as patch:
        patch.setattr(group_day_vectors, "to_parquet", written)
        yield patch.undo


@pytest.mark.parametrize("facts", [VectorFaults, ScoreFacts, ValueFacts])
def test_the_sealed_log_keeps_what_the_checks_count(facts: type) -> None:
    assert {one.name for one in fields(facts)} <= METADATA_LABELS


@pytest.mark.slow
def test_every_check_passes_where_nothing_is_wrong_and_fails_where_it_is(
    house, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = house.groups(5, DAY, NEXT_DAY)
    assert house.run("collect", DAY) is None
    told = checks(house)
    # Settled group-days are not scrubbed again: each scrubbing has one verdict.
    assert house.run("collect", DAY) is None
    rows = house.rows(gate_verdicts)[0]
    assert sorted(row.group_ref for row in _named(rows)) == sorted(refs)
    assert {(row.day, row.messages, row.passed, row.code) for row in _named(rows)} == {
        (DAY, 6, True, None)
    }
    assert house.run("release", DAY) is None
    told |= checks(house)
    assert set(told) == CHECKS
    assert all(passed for passed, _ in told.values())
    assert [told[name][1]["checked"] for name in sorted(CHECKS - REFUSALS)] == [
        5, 5, 5, 1,
    ]  # fmt: skip
    no_page_is_made_of_bands_out_of_order(house, monkeypatch)
    values_off_the_scale_turn_the_run_red(house, monkeypatch)


@pytest.mark.slow
def test_a_file_with_text_is_not_scored_but_destroyed_and_the_others_go_on(
    house, with_text
) -> None:
    refs = house.groups(3, DAY, DAY)
    assert house.run("collect", DAY) == "GROUPS_REFUSED"
    ((bad, codes),) = house.codes().items()
    assert codes == {"VECTORS_NOT_AS_AGREED"}
    assert checks(house)["only_vectors_stored"] == (
        False,
        {
            "checked": 3,
            "refused": 1,
            bad: code_and_remedy("VECTORS_NOT_AS_AGREED"),
            "other_columns": 1,
        },
    )
    assert house.group_days() == {(DAY, ref) for ref in refs if ref != bad}
    assert {row[2]: row[7] for row in house.rows(vectors)[0]} == {ref: ref == bad for ref in refs}
    assert not list(house.session.home.vectors.rglob(f"{bad}-*"))
    with_text()
    assert house.run("collect", DAY) is None
    assert house.group_days() == {(DAY, ref) for ref in refs}


@pytest.mark.slow
def test_where_nothing_reads_on_the_run_is_red(house, with_text) -> None:
    house.groups(2, DAY, DAY)
    result = house.materialise("scrubbed_vectors", DAY)
    assert failure_code(result.all_events) == "CHECK_FAILED"
    # The reading step refuses it too, whether or not anything looked before.
    assert not house.materialise("group_scores", DAY).success
    assert len(house.group_days()) == 1


@pytest.mark.slow
def test_scores_off_the_scale_turn_the_run_red(house, monkeypatch: pytest.MonkeyPatch) -> None:
    refs = house.groups(2, DAY, DAY)
    from assets.restricted.scoring import score_vectors

    real = score_vectors.person_day_sums
    monkeypatch.setattr(
        score_vectors,
        "person_day_sums",
        lambda *given: {name: (people, 10**6) for name, (people, _) in real(*given).items()},
    )
    assert house.run("collect", DAY) == "GROUPS_REFUSED"
    assert house.codes() == {ref: {"SCORES_NOT_AS_AGREED"} for ref in refs}
    assert house.group_days() == set()
    # Where the gate before storing is blind, the check of what was stored is not.
    monkeypatch.setattr("assets.restricted.scoring.asset.refuse_unless_in_range", lambda *_: None)
    assert house.run("collect", DAY) == "CHECK_FAILED"
    passed, told = checks(house)["scores_in_range"]
    assert not passed
    assert (told["checked"], told["refused"], told["sums_off_scale"]) == (2, 2, 2)
    assert house.codes() == {ref: {"SCORES_NOT_AS_AGREED"} for ref in refs}


def values_off_the_scale_turn_the_run_red(house, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the next day, which may close by then."""
    house.clock.moment += timedelta(days=1)
    assert house.run("collect", NEXT_DAY) is None
    monkeypatch.setattr("assets.restricted.release.day_values.mean_score", lambda *_: 1.5)
    assert house.run("release", NEXT_DAY) == "CHECK_FAILED"
    assert checks(house)["values_as_agreed"] == (
        False,
        {"checked": 1, "refused": 1, "values_off_scale": 1, "values_not_as_drawn": 1},
    )


def no_page_is_made_of_bands_out_of_order(house, monkeypatch: pytest.MonkeyPatch) -> None:
    def turned_over(line: pd.Series, daily: pd.Series | None, window: int) -> HeadlineForecast:
        index = pd.date_range(DAY, periods=29, freq="D")[1:]
        bands = {"mean": 0.5, "lo80": 0.6, "hi80": 0.4, "lo95": 0.7, "hi95": 0.3}
        table = pd.DataFrame(bands, index=index)
        return HeadlineForecast("local_level", table, table)

    def publish() -> str | None:
        public = public_definitions(house.session.home, house.clock)
        return run_job(
            public, "publish", house.instance, region="greater_london", first=DAY, last=DAY
        )

    monkeypatch.setattr("assets.public.forecasting.vintage_content.forecast_headline", turned_over)
    page = house.session.home.public / "index.html"
    assert publish() == "CHECK_FAILED"
    assert checks(house)["bands_in_order"] == (
        False,
        {"checked": 1, "refused": 1, "bands_out_of_order": 1},
    )
    assert not page.exists()


def _named(rows) -> list:
    columns = [one.name for one in gate_verdicts.columns]
    return [pd.Series(row, index=columns) for row in rows]


@pytest.mark.slow
def test_vectors_of_a_day_too_small_to_score_are_not_kept(house, chat) -> None:
    ref = house.grant()
    house.deliver(ref, chat(DAY, DAY, people=2))
    assert house.materialise("scrubbed_vectors", DAY).success
    (stored,) = house.resources["vector_store"].find("greater_london", [DAY])
    content = house.resources["vector_store"].content(stored)
    assert len(group_day_vectors.vectors_in(content).people) == 0
    assert house.run("collect", DAY) is None
    assert house.group_days() == {(DAY, ref)}
