"""`tideline demo`: made-up groups through the same doors as real ones, to the public page."""

import os
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from assets.core.errors import SetupError
from assets.core.modes import Mode
from assets.core.public_files import PAGE, PLANTED
from orchestration.cli.console import pasteable, progress, say
from orchestration.cli.delivering import deliver
from orchestration.cli.init import make_home
from orchestration.cli.run import run_session
from orchestration.cli.session import Session, open_session
from orchestration.cli.undo import nothing_left_behind
from orchestration.runs import raise_for
from resources.base.clock import Clock
from resources.base.database.postgres import stop_embedded
from resources.base.files import write_once
from resources.base.home import DEFAULT_REGIONS, checked_root, home_path, load_home, secrets_beside
from resources.base.share_done import told as each_told
from resources.base.share_done import watched
from resources.stores.consent.consent_terms import MemberBasis
from resources.stores.members.member_events import MemberEvent, Saying, SayingSource
from simulation.chat import FEWEST_DAYS, World, make_world, render_export
from simulation.consents import made_up_terms

DEMO_HOME = "tideline-demo"
CLOSE_AFTER_DAYS = 3
SEED = 20261122


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("demo")
    def demo(
        groups: Annotated[int, typer.Option(min=2, max=500, help="Groups in all.")] = 24,
        without_consent: Annotated[
            int,
            typer.Option(
                min=0, max=498, help="Groups among them that never consented; two must be left."
            ),
        ] = 4,
        days: Annotated[int, typer.Option(min=FEWEST_DAYS, max=360, help="Days of posts.")] = 60,
        people_per_day: Annotated[
            int,
            typer.Option(
                min=30, max=2000, help="People who write on a day in each region, at least."
            ),
        ] = 160,
        seed: Annotated[int, typer.Option(help="Another seed makes another world.")] = SEED,
        home: Annotated[
            Path | None,
            typer.Option(help=f"Folder of the demo's home (TIDELINE_HOME, else {DEMO_HOME})."),
        ] = None,
        fresh: Annotated[
            bool, typer.Option("--fresh", help="Delete an earlier demo's home first.")
        ] = False,
    ) -> None:
        """Make up care workers' chats, run the whole platform on them, and write the page.

        Everything is made up. The exports come in by the same door as real ones, most groups
        consent and some don't, and a single-run backfill does the rest.
        """
        if groups - without_consent < len(DEFAULT_REGIONS):
            raise typer.BadParameter(
                f"each of the {len(DEFAULT_REGIONS)} regions needs a group that consented",
                param_hint="--groups and --without-consent",
            )
        root = _demo_root(home)
        if fresh:
            _delete_earlier_demo(root)
        clock = Clock()
        last = clock.today() - timedelta(days=CLOSE_AFTER_DAYS)
        first = last - timedelta(days=days - 1)
        if (root / "home.yaml").exists():
            raise SetupError("HOME_EXISTS")
        with nothing_left_behind(*_folders_of(root)) as undo:
            undo.callback(stop_embedded, root / "postgres")
            # First, for it is here that a folder can be refused.
            make_home(
                root,
                Mode.SYNTHETIC,
                first_day=first,
                close_after_days=CLOSE_AFTER_DAYS,
                # Nobody who is made up thinks it over.
                cooling_off_days=0,
                member_bases=(MemberBasis.NOTICE_WITH_OBJECTION,),
                demo=True,
            )
            with progress("making up chats"):
                world = make_world(
                    regions=tuple(DEFAULT_REGIONS),
                    first_day=first,
                    days=days,
                    groups=groups,
                    without_consent=without_consent,
                    people_per_day=people_per_day,
                    seed=seed,
                )
            session = open_session(root, clock)
            with progress("delivering exports and recording consents") as tell, watched(tell):
                deliver_world(session, world)
        outcome = run_session(session, first, last)
        raise_for(outcome.first_code)
        say(f"What was planted: {pasteable(session.home.root / PLANTED)}")
        say(f"To look around:   export TIDELINE_HOME={pasteable(root)}")
        say("                  then `tideline status` or `tideline dev`")
        say(f"The page:         {pasteable(session.home.public / PAGE)}")


def _folders_of(root: Path) -> tuple[Path, Path, Path]:
    return root, root.with_name(f"{root.name}-inbox"), secrets_beside(root)


def deliver_world(session: Session, world: World) -> None:
    """Put a made-up world's exports into the inbox, consents into the register.

    A group without consent is recorded and withdrawn, for only a known reference has a folder to
    deliver to: its file lies in the inbox and must never be opened. Whoever joins after the notice
    is told on joining, and counts as having posted the opt-in sentence.
    """
    members = session.resources["members"]
    first = world.first_day
    last = first + timedelta(days=world.days - 1)
    with tempfile.TemporaryDirectory() as folder:
        for group in each_told(world.groups):
            group_ref = session.register.grant(
                made_up_terms(
                    first,
                    session.clock.today() + timedelta(days=30),
                    group.region,
                    # The first members of a made-up group greet each other on that day.
                    informed_on=first - timedelta(days=1),
                    notice_version="demo",
                ),
                session.clock.now(),
            )
            marker = members.marker(group_ref)
            for member in group.members:
                if member.first_day > first:
                    marks = marker.marks_of(member.sender)
                    told = MemberEvent(Saying.OPTED_IN, SayingSource.CHAT, member.first_day, marks)
                    members.record(group_ref, told, session.clock.now())
            # Made-up text only: a real export never passes through a temporary file.
            name, content = render_export(world, group)
            path = Path(folder) / name
            path.write_bytes(content)
            deliver(session, group_ref, path)
            path.unlink()
            if not group.consented:
                session.register.withdraw(group_ref, session.clock.now())
    planted = world.planted[world.planted["day"].between(first, last)]
    write_once(session.home.root / PLANTED, planted.to_csv(index=False).encode("utf-8"))


def _demo_root(home: Path | None) -> Path:
    if home is not None:
        return checked_root(home)
    return home_path() if os.environ.get("TIDELINE_HOME") else Path(DEMO_HOME).resolve()


def _delete_earlier_demo(root: Path) -> None:
    """Delete a home that a demo made, with its inbox and secrets.

    Raises:
        SetupError: `NOT_A_DEMO` for any other folder.
    """
    if not root.exists():
        return
    if not load_home(root).config.demo:
        raise SetupError("NOT_A_DEMO")
    for folder in _folders_of(root):
        shutil.rmtree(folder, ignore_errors=True)
