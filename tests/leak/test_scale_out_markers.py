"""No word of a message is left by processes that read groups for a run, nor in their scheduler."""

from datetime import date
from typing import Any

import pytest
from worker_processes import held_in_process, processes_begin_with

from orchestration.restricted import restricted_definitions
from orchestration.runs import run_job
from resources.stores.study.made_up import write_made_up_register

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*is currently in (beta|preview):Warning"),
]
TELLS = """
import sys
sys.path.insert(0, {folder!r})
import assets.restricted.scrubbing.group_step as step
real = step.vectors_of_group
def told(messages, roster, **given):
    import test_pipeline_markers as telling
    made = real(messages, roster, **given)
    text = " ".join([*(one.text for one in messages), *roster])
    telling.told_everywhere(text)
    if "wobblequex4" in text:
        raise ValueError(text)
    return made
step.vectors_of_group = told
"""


@pytest.fixture
def looked_into(monkeypatch: pytest.MonkeyPatch, planted: Any) -> dict[str, list[list[str]]]:
    """What scheduler and workers hold once groups are done, before they end."""
    from resources.scale_out.sealed_dask import load_dask

    load_dask()
    from resources.scale_out.cluster import Cluster

    found: dict[str, list[list[str]]] = {"scheduler": [], "workers": []}
    real = Cluster.each

    def each(self: Any, *arguments: Any) -> Any:
        try:
            yield from real(self, *arguments)
        finally:
            client = self._client
            found["scheduler"].append(client.run_on_scheduler(held_in_process, planted.markers))
            found["workers"] += client.run(held_in_process, planted.markers).values()

    monkeypatch.setattr(Cluster, "each", each)
    return found


def _told_of_failures(instance: Any) -> list[str]:
    """Codes, classes and places of what each step failed with."""
    logs = [one for run in instance.get_runs() for one in instance.all_logs(run.run_id)]
    failed = [one.dagster_event for one in logs if one.is_dagster_event]
    errors = [one.step_failure_data.error for one in failed if one.is_step_failure]
    return [one.message for error in errors for one in (error, error.cause) if one is not None]


def test_workers_leave_no_word(
    session: Any,
    planted: Any,
    everywhere: Any,
    days: tuple[date, date],
    looked_into: dict[str, list[list[str]]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
    capfd: pytest.CaptureFixture[str],
) -> None:
    write_made_up_register(session.home, date(2026, 9, 1), distributed=True)
    monkeypatch.setenv("TIDELINE_DASK", "local")
    monkeypatch.setenv("TIDELINE_DASK_WORKERS", "1")
    folder = str(__file__.rpartition("/")[0])
    processes_begin_with(
        tmp_path, monkeypatch, session.clock.now(), also=TELLS.format(folder=folder)
    )
    first, last = days
    with session.instance() as instance:
        restricted = restricted_definitions(session.home, session.clock)
        code = run_job(
            restricted, "collect", instance, region="greater_london", first=first, last=last
        )
        told = _told_of_failures(instance)
    assert code == "GROUPS_REFUSED", told
    assert everywhere("".join(capfd.readouterr())) == set()
    assert looked_into["scheduler"] == [[]]
    assert looked_into["workers"] == [[]]
