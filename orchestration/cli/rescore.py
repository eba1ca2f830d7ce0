"""`tideline rescore`."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

import dagster as dg
import typer

from assets.core.errors import PartitionError, TidelineError
from assets.core.names import GROUP_SCORES
from assets.core.region_day import partition_key
from assets.restricted.scoring.construct_model.model import load_construct_model
from assets.restricted.scoring.rescore import Model, Rescored, Rescoring
from orchestration.cli.console import progress, screen, table
from orchestration.cli.session import Session, open_session_to_read
from orchestration.partitions import check_range
from orchestration.runs import raise_for


def rescore_day(
    session: Session, day: date, regions: tuple[str, ...], model: Model
) -> tuple[Mapping[str, Rescored], Mapping[str, str]]:
    """Rescore one day in these regions, each by itself.

    Returns:
        What came of each region, and for each that was refused the code.

    Raises:
        SealError: see `Session.instance`.
    """
    with session.instance() as instance:
        # Only now, for the instance's environment is that of the resources too.
        resources = session.resources
        rescoring = Rescoring(
            model,
            *(
                resources[name]
                for name in (
                    "settings",
                    "register",
                    "members",
                    "records",
                    "region_day_locks",
                    "vector_store",
                    "score_revisions",
                    "clock",
                )
            ),
        )
        done: dict[str, Rescored] = {}
        codes: dict[str, str] = {}
        for region in regions:
            try:
                done[region] = rescoring.region_day(region, day)
            except TidelineError as error:
                codes[region] = error.code
                continue
            if done[region].refused:
                codes[region] = "GROUPS_REFUSED"
            if done[region].replaced:
                # So that the lineage says which model scored what, as after a run.
                instance.report_runless_asset_event(
                    dg.AssetMaterialization(
                        GROUP_SCORES,
                        partition=partition_key(region, day),
                        metadata={
                            "group_days_scored": done[region].replaced,
                            "model_version": model.version,
                        },
                    )
                )
    return done, codes


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("rescore")
    def rescore(
        day: Annotated[
            datetime, typer.Option("--day", formats=["%Y-%m-%d"], help="A day that is still open.")
        ],
        region: Annotated[
            str | None, typer.Option("--region", help="One region; without it, every one.")
        ] = None,
    ) -> None:
        """Score an open day again with the model in use, from its stored vectors.

        For when a model was corrected after the day was scored. The new scores stand in place of
        the old, whose key is destroyed; the ledger has both models' versions. A closed day stays as
        it was released, and a day whose vectors are destroyed as it was scored.
        """
        session = open_session_to_read()
        home, of_day = session.home, day.date()
        check_range(
            of_day, of_day, first_partition=home.config.first_day, today=session.clock.today()
        )
        if region is not None and region not in home.regions:
            raise PartitionError("REGION_UNKNOWN")
        with progress("loading the model"):
            model = load_construct_model()
        done, codes = rescore_day(session, of_day, (region,) if region else home.regions, model)
        rows = table("region", "rescored", "by this model before", "left out", "refused", "code")
        for name in (region,) if region else home.regions:
            found = done.get(name, Rescored(0, 0, 0))
            counts = (found.replaced, found.by_this_model, found.left_out, len(found.refused))
            rows.add_row(name, *map(str, counts), codes.get(name, ""))
        out = screen()
        out.print(rows)
        out.print(f"Model in use: {model.version}", markup=False)
        raise_for(next(iter(codes.values()), None))
