"""`tideline audit`: looking at everything without being able to change anything."""

import typer

from orchestration.cli.on_demand import OnDemandGroup


class AuditCommands(OnDemandGroup):
    """Each loaded when it is called."""

    lines = {  # noqa: RUF012  (declared a class variable there)
        "audit_serve": {
            "serve": "Show runs, checks and lineage of the home in Dagster's web UI, to read only."
        },
        "audit_rehearse": {
            "rehearse": "Run invented exports through the program in a scratch home, and search it"
            " for them."
        },
        "audit_bundle": {
            "bundle": "Write what was recorded from one day to another, with its proof, sealed to"
            " an auditor."
        },
    }


app = typer.Typer(
    cls=AuditCommands,
    help="Look at runs, lineage and evidence, and rehearse, without changing anything.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(tideline: typer.Typer) -> None:
    """Add the family of commands."""
    tideline.add_typer(app, name="audit")


@app.callback()
def audit() -> None:
    """Look at runs, lineage and evidence, and rehearse, without changing anything.

    No command here makes or needs a key of the home, or opens an export. docs/auditing.md says how
    to come from a point on the page to its evidence.
    """
