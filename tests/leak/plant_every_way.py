"""Plants text in every way: `plant_every_way.py sealed|plain NAME_OF_A_REPORT NAME_OF_A_TABLE`.

`sealed` does what the restricted location does: it hardens the process, guards its steps, sensors
and schedules, hands no value to Dagster, and runs under the project's own dagster.yaml. `plain`
leaves everything as Dagster has it. The report gets what other processes and shared memory show,
the table each way's path, its word, and whether plain Dagster lets that out.
"""

import inspect
import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import dagster as dg
import ways_of_errors
import ways_of_output
import ways_of_runs
import ways_of_values
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import TickData, TickStatus
from dagster._serdes import serialize_value
from dagster._utils.error import serializable_error_info_from_exc_info
from ways import WAYS

from assets.core import coded_failures
from resources.containment.guard import guarded
from resources.containment.hardening import harden
from resources.wiring.no_values import NoValuesIOManager

STARTED = time.time()
TABLES = (ways_of_errors, ways_of_output, ways_of_runs, ways_of_values)


def of_kind(*kinds):
    return [one for one in WAYS.values() if one.kind in kinds]


class Planting:
    """One pass over the table.

    Args:
        instance: where everything is run.
        sealed: as the restricted location does, or as Dagster does.
    """

    def __init__(self, instance: dg.DagsterInstance, *, sealed: bool) -> None:
        self.instance = instance
        self.sealed = sealed
        self.guard: Any = guarded if sealed else (lambda function: function)
        values = NoValuesIOManager() if sealed else dg.FilesystemIOManager(base_dir=_storage())
        self.resources = {
            "io_manager": values,
            "told": dg.IOManagerDefinition.hardcoded_io_manager(ways_of_values.ToldIO()),
        }

    def everything(self) -> None:
        self.steps("steps", of_kind("step"))
        for one in of_kind("alone"):
            try:
                self.steps(f"job_of_{one.name}", [one])
            except (KeyboardInterrupt, dg.DagsterExecutionInterruptedError) as error:
                told = serializable_error_info_from_exc_info((type(error), error, None))
                self.instance.report_engine_event(told.to_string())
        self.assets()
        for one in of_kind("job"):
            self.job(one)
        for one in of_kind("sensor", "schedule"):
            self.tick(one)
        for one in of_kind("process"):
            (one.instead if self.sealed and one.instead else one.plant)(one.text)
        for later in ways_of_output.LATER:
            later()

    def steps(self, name, ways) -> None:
        ops = [self._op(one) for one in ways]

        @dg.job(name=name, executor_def=dg.in_process_executor, resource_defs=self.resources)
        def told():
            for op in ops:
                op()

        told.execute_in_process(instance=self.instance, raise_on_error=False)

    def _op(self, one):
        if inspect.isgeneratorfunction(one.plant):

            def step(context: dg.OpExecutionContext):
                yield from one.plant(context, one.text)
        else:

            def step(context: dg.OpExecutionContext):
                return one.plant(context, one.text)

        return dg.op(name=one.name, **one.of_the_step)(self.guard(step))

    def assets(self) -> None:
        made = []
        for one in of_kind("asset"):
            found = one.plant(one.text, self.guard)
            made += found if isinstance(found, list) else [found]
        values = {"io_manager": self.resources["io_manager"]}
        dg.materialize(made, instance=self.instance, raise_on_error=False, resources=values)

    def job(self, one) -> None:
        shape = one.instead if self.sealed and one.instead else one.plant
        run = shape(one.text, self.guard).execute_in_process(
            instance=self.instance, raise_on_error=False, resources=self.resources
        )
        if one.of_the_step.get("serialised"):
            print([serialize_value(event) for event in run.all_events])  # noqa: T201
        if one.of_the_step.get("deleted"):
            self.instance.delete_run(run.run_id)

    def tick(self, one) -> None:
        """Evaluate as the code server does, and store as the daemon does."""

        def tick(context):
            return one.plant(context, one.text)

        of_sensor = one.kind == "sensor"
        definition: Any
        if of_sensor:
            definition = dg.SensorDefinition(
                name=one.name, evaluation_fn=self.guard(tick), job=asked_for
            )
            context: Any = dg.build_sensor_context(
                instance=self.instance, repository_name="here", sensor_name=one.name
            )
        else:
            definition = dg.ScheduleDefinition(
                name=one.name,
                cron_schedule="@daily",
                execution_fn=self.guard(tick),
                job=asked_for,
            )
            context = dg.build_schedule_context(instance=self.instance)
        found, error = None, None
        with context:
            try:
                found = definition.evaluate_tick(context)
            except Exception:  # noqa: BLE001  (as the code server does)
                error = serializable_error_info_from_exc_info(sys.exc_info())
        requests = (found.run_requests if found else None) or []
        self.instance.create_tick(
            TickData(
                instigator_origin_id=one.name,
                instigator_name=one.name,
                instigator_type=InstigatorType.SENSOR if of_sensor else InstigatorType.SCHEDULE,
                status=_status(error, requests),
                run_ids=[],
                timestamp=STARTED,
                error=error,
                skip_reason=found.skip_message if found else None,
                cursor=getattr(found, "cursor", None),
                run_keys=[request.run_key for request in requests if request.run_key],
                run_requests=requests,
                selector_id=one.name,
            )
        )
        for added in getattr(found, "dynamic_partitions_requests", None) or []:
            self.instance.add_dynamic_partitions(added.partitions_def_name, added.partition_keys)
        for request in requests:
            self.instance.create_run_for_job(
                asked_for, run_config=request.run_config, tags=request.tags
            )


@dg.op(config_schema={"told": dg.Field(str, is_required=False)})
def asked(context):
    """What a tick asks for."""


@dg.job(executor_def=dg.in_process_executor)
def asked_for():
    """What a tick asks for."""
    asked()


def _status(error, requests) -> TickStatus:
    if error:
        return TickStatus.FAILURE
    return TickStatus.SUCCESS if requests else TickStatus.SKIPPED


def _storage() -> str:
    return str(Path(os.environ["DAGSTER_HOME"], "storage"))


def seen_by_others() -> bytes:
    """Arguments and environments of the processes started here, and new shared memory."""
    seen = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"PPid:\t{os.getpid()}\n" in (process / "status").read_text():
                seen += [(process / "cmdline").read_bytes(), (process / "environ").read_bytes()]
        except OSError:
            continue
    shared = Path("/dev/shm")
    for file in shared.glob("psm_*") if shared.is_dir() else []:
        if file.stat().st_mtime >= STARTED - 1:
            seen.append(file.read_bytes())
    return b"\0".join(seen)


def main() -> None:
    sealed = sys.argv[1] == "sealed"
    rows = {one.name: [one.path, one.word, one.by_default] for one in WAYS.values()}
    Path(sys.argv[3]).write_text(json.dumps(rows), "utf-8")
    if sealed:
        harden()
    # What is refused is tried again, a minute long in all.
    coded_failures.SECONDS_TO_TRY_AGAIN = 0
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    try:
        with dg.DagsterInstance.from_config(os.environ["DAGSTER_HOME"]) as instance:
            Planting(instance, sealed=sealed).everything()
        Path(sys.argv[2]).write_bytes(seen_by_others())
    finally:
        for put_away in ways_of_output.AT_END:
            put_away()


if __name__ == "__main__":
    main()
