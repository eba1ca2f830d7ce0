"""`tideline release method` and `tideline release methods`: one method in the place of another."""

from datetime import datetime
from typing import Annotated

import typer

from assets.core.study_entries import Action
from assets.released.method import GAUSSIAN_1, METHODS
from orchestration.cli import pass_phrase
from orchestration.cli.console import screen, table
from orchestration.cli.session import Session, open_session, open_session_to_read
from resources.stores.release.method_changes import LEAST_SHADOW_DAYS, BreakReason, MethodChanges
from resources.stores.release.release_ledger import ReleaseLedger
from resources.stores.release.release_methods import ReleaseMethods
from resources.stores.release.release_people import ReleasePeople

app = typer.Typer(
    help="Try a release method in the shadow of the one in use, and put it in its place.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_VERSION = Annotated[str, typer.Argument(help="The method's version, such as gaussian-1.")]
_FROM = Annotated[
    datetime,
    typer.Option("--from", formats=["%Y-%m-%d"], help="First data day: today or later."),
]
_BY = Annotated[str, typer.Option("--by", help="Who asks; the pass phrase is asked for.")]


@app.command("shadow")
def shadow(version: _VERSION, from_day: _FROM, by: _BY) -> None:
    """Draw by a method beside the one in use, from a day on; nothing of it is published.

    The two share each day's privacy budget, so while it runs the published values' noise is larger
    by the square root of 2. Their rows say so (`micro_rho`).
    """
    session, day = open_session_to_read(Action.PUBLISH), from_day.date()
    _confirm(session, by)
    MethodChanges(session.database).start_shadow(
        version, day, by, session.clock.now(), session.clock.today()
    )
    screen().print(f"{version} runs in shadow from {day} on.", markup=False)


@app.command("stop")
def stop(version: _VERSION) -> None:
    """End a shadow: from today on, days are drawn by the method in use alone.

    Days that are over and not closed yet still have it, so that all regions draw a day alike.
    """
    session = open_session()
    from_day = MethodChanges(session.database).stop_shadow(
        version, session.clock.now(), session.clock.today()
    )
    screen().print(f"{version} no longer runs in shadow from {from_day} on.", markup=False)


@app.command("adopt")
def adopt(
    version: _VERSION,
    from_day: _FROM,
    reason: Annotated[BreakReason, typer.Option("--reason", help="Public reason.")],
    by: _BY,
) -> None:
    """Ask that a method in shadow draw what is published, from a day on.

    It needs 28 days drawn in shadow in every region that published in that time, and a second
    person (`tideline release approve`) within 14 days and before the day is over. The break and its
    reason are published.
    """
    session, day = open_session_to_read(Action.PUBLISH), from_day.date()
    _confirm(session, by)
    ref = MethodChanges(session.database).ask_adoption(
        version, day, reason, by, session.clock.now(), session.clock.today()
    )
    out = screen()
    out.print(f"{ref}: {version} would draw what is published from {day} on.", markup=False)
    out.print("Nothing was changed. Within 14 days, and before that day is over, another runs:")
    out.print(f"  tideline release approve {ref} --by OTHER", markup=False)


def add_to(release: typer.Typer) -> None:
    """Add the command that lists them."""

    @release.command("methods")
    def methods() -> None:
        """Show which method draws what is published, which runs in shadow, and what a draw costs.

        What each region spent this month is there as well; `tideline release budget` shows more.
        """
        session = open_session()
        today = session.clock.today()
        changes = MethodChanges(session.database)
        out = screen()
        running = changes.shadow()
        rows = table("method", "draws", "from day")
        rows.add_row(GAUSSIAN_1.version, "what is published", "the first")
        for day, version in changes.breaks():
            rows.add_row(version, "what is published", str(day))
        if running is not None:
            rows.add_row(running.version, "in shadow", str(running.from_day))
        out.print(rows)
        out.print(f"This version of Tideline draws by: {', '.join(METHODS)}.", markup=False)
        plan = ReleaseMethods(session.database).plan(today)
        out.print(
            f"Today's data day: {plan.method.version}"
            f"{f', {plan.shadow.version} in shadow' if plan.shadow else ''};"
            f" a draw costs {plan.micro_rho:,} micro-rho.",
            markup=False,
        )
        if running is not None:
            drawn = table("region", "days in shadow", "needed")
            for region, days in running.days.items():
                drawn.add_row(region, str(days), str(LEAST_SHADOW_DAYS))
            out.print(drawn)
        spent = table("region", f"micro-rho spent in {today:%Y-%m}", f"in {today:%Y}")
        for region in session.home.regions:
            of_region = ReleaseLedger(session.database).spent(region, today)
            spent.add_row(region, f"{of_region.in_month:,}", f"{of_region.in_year:,}")
        out.print(spent)


def _confirm(session: Session, name: str) -> None:
    ReleasePeople(session.database).confirm(name, pass_phrase.asked(name))
