"""`tideline doctor`: what is wrong, by code, and what to do."""

import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from orchestration.cli.console import say_database_waits, screen, table
from orchestration.doctor.examination import examine
from orchestration.doctor.finding import Finding, Item, exit_status
from resources.base.clock import Clock


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("doctor")
    def doctor(
        as_json: Annotated[
            bool, typer.Option("--json", help="Write the findings as JSON, with all their facts.")
        ] = False,
        as_openmetrics: Annotated[
            bool,
            typer.Option(
                "--openmetrics",
                help="Write OpenMetrics text instead: levels and counts, and no reference.",
            ),
        ] = False,
    ) -> None:
        """Look at the home, its machine and its database, and say what is wrong and what to do.

        It looks at database, keys, swap, clock, disk, daemon, schedules, backups, the last release,
        the study register, telemetry, database roles, versions, inbox and connectors, changes
        nothing, and goes on where one of them can't be looked at. It prints codes, counts, days and
        group references; no name and no message.

        Exits with 0 if all is well, 1 if there are warnings, 2 if there are faults.
        """
        if as_json and as_openmetrics:
            raise typer.BadParameter("give one of --json and --openmetrics")
        clock = Clock()
        found = examine(clock=clock, tell=say_database_waits)
        if as_json:
            sys.stdout.write(json.dumps(_as_json(found, clock), indent=1) + "\n")
        elif as_openmetrics:
            # Loads a server that nobody asked for.
            from orchestration.doctor.openmetrics import openmetrics  # noqa: PLC0415

            sys.stdout.write(openmetrics(found, clock.now().timestamp()))
        else:
            _print(found)
        raise typer.Exit(exit_status(found))


def _as_json(found: Sequence[Finding], clock: Clock) -> dict[str, object]:
    return {
        "looked_at": clock.now().isoformat(timespec="seconds"),
        "status": exit_status(found),
        "items": [one.value for one in Item],
        "findings": [
            {
                "item": one.item.value,
                "severity": one.severity.value,
                "code": one.code,
                "facts": dict(one.facts),
                "next_step": one.next_step,
            }
            for one in found
        ],
    }


def _print(found: Sequence[Finding]) -> None:
    out = screen()
    rows = table("item", "", "code", "what")
    for item in Item:
        own = [one for one in found if one.item is item]
        if not own:
            rows.add_row(item.value, "well", "", "")
        for one in own:
            told = ", ".join(f"{name} {value}" for name, value in one.facts.items())
            rows.add_row(item.value, one.severity.value, one.code, told)
    out.print(rows)
    for code in dict.fromkeys(one.code for one in found):
        one = next(each for each in found if each.code == code)
        out.print(f"{code}: {one.happened} {one.next_step}", soft_wrap=True)
