"""`tideline study`: the study register, written, checked and approved."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from assets.core.errors import SetupError, StudyError
from assets.core.modes import Mode
from assets.core.study_entries import Action
from orchestration.cli import study_events
from orchestration.cli.console import pasteable, say, screen, table
from orchestration.cli.ssh_signing import KEY, SIGNATURE, require_one, signature_over
from orchestration.cli.study_words import (
    NOTHING_STOPPED,
    findings_table,
    register_lines,
    steps,
    unapproved,
)
from resources.base.clock import Clock
from resources.base.files import write_once
from resources.base.home import Home, load_home
from resources.stores.study import gate
from resources.stores.study.approvals import (
    record_approval,
    who_approved,
)
from resources.stores.study.made_up import write_made_up_register
from resources.stores.study.platform_terms import record_check
from resources.stores.study.register import Register, file_of, read_register, why_unreadable
from resources.stores.study.standing import findings, unready_to_sign
from resources.stores.study.written import blank_entries, written

app = typer.Typer(
    help="The study register: write it, check it, approve it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

app.add_typer(study_events.app, name="events")

_FILE = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file.")]


def add_to(tideline: typer.Typer) -> None:
    """Add the family of commands."""
    tideline.add_typer(app, name="study")


@app.callback()
def study() -> None:
    """The study register (`study.yaml`): what was decided, by whom, and what it stops.

    Nothing is read or published before it is complete and two people have approved it with keys of
    their own. Leaving never asks for it. docs/study.md leads through it.
    """


@app.command("new")
def new(
    to: Annotated[
        Path | None, typer.Option("--to", help="Write the template to this file instead.")
    ] = None,
    pulse: Annotated[
        bool, typer.Option("--pulse", help="With the entry by which members are asked a pulse.")
    ] = False,
    distributed: Annotated[
        bool,
        typer.Option(
            "--distributed", help="With the entry by which other processes than a run's may read."
        ),
    ] = False,
    sharded: Annotated[
        bool,
        typer.Option("--shards", help="With the entry by which runs may share a region's groups."),
    ] = False,
) -> None:
    """Write the template to HOME/study.yaml, with all that the home can answer by itself.

    In a home of made-up data it writes a complete register that says so, approved by nobody real.
    """
    home = load_home()
    path = to or file_of(home)
    made_up = home.config.mode is Mode.SYNTHETIC and to is None
    if path.exists() and not made_up:
        raise SetupError("FILE_EXISTS")
    if made_up:
        write_made_up_register(
            home, home.config.first_day, pulse=pulse, distributed=distributed, sharded=sharded
        )
        say(f"{pasteable(path)}: complete, approved by two keys that nobody has, and all made up.")
        return
    blank = blank_entries(home.config, pulse=pulse, distributed=distributed, sharded=sharded)
    write_once(path, written(blank, home.config).encode())
    say(f"{pasteable(path)}: fill in every TODO, then `tideline study check`.")


@app.command("check")
def check() -> None:
    """Say what does not stand yet, what each stops, and who has approved.

    Exits with an error while anything is stopped.
    """
    home, today = load_home(), Clock().today()
    if home.config.mode is Mode.DISCOVERY:
        say("A home for a first look has no study register, and never publishes.")
        return
    why = why_unreadable(file_of(home))
    if why:
        say(why)
    register = read_register(file_of(home))
    found = findings(home, register, today)
    out = screen()
    if found:
        out.print(findings_table(found))
        for line in unapproved(found):
            say(line)
        for line in steps(found):
            say(line)
    out.print(_approvals(home, register))
    for line in register_lines(home, today):
        say(line)
    say(f"The register's digest: {register.digest(home)}")
    if found:
        raise StudyError(found[0].code, found[0].entry, found[0].detail)
    say(NOTHING_STOPPED)


@app.command("scope")
def scope() -> None:
    """Print what an approval signs: the home, and a digest of each entry as it stands now."""
    home = load_home()
    # As it is, for it is signed to the letter.
    typer.echo(_register(home).scope(home), nl=False)


@app.command("approve")
def approve(
    by: Annotated[str, typer.Option("--by", help="Short name of who approves, as in `roles`.")],
    key: KEY = None,
    signature: SIGNATURE = None,
    as_it_is: Annotated[
        bool,
        typer.Option("--as-it-is", help="Sign even what is not finished; it goes on stopping."),
    ] = False,
) -> None:
    """Approve the register as it stands now, with a key of one's own. It takes two people.

    What is missing, a draft, refused or contradicted is told, and nothing is signed.

    Where the key is not on this machine: `tideline study scope > scope.txt` here, `ssh-keygen -Y
    sign -n tideline-study -f ~/.ssh/id_ed25519 scope.txt` there, and then this command with
    `--signature scope.txt.sig`.
    """
    require_one(key, signature)
    home = load_home()
    register = _register(home)
    unready = unready_to_sign(findings(home, register, Clock().today()))
    if unready and not as_it_is:
        screen().print(findings_table(unready))
        raise StudyError(unready[0].code, unready[0].entry, unready[0].detail)
    record_approval(home, register, by, signature_over(register.scope(home), key, signature))
    say(f"{by} has approved the register with digest {register.digest(home)}.")
    for line in register_lines(home, Clock().today()):
        say(line)
    if not any(gate.stops(home, one, Clock().today()) for one in Action):
        say(NOTHING_STOPPED)


@app.command("digest")
def digest(files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Print the SHA-256 of a notice, of terms, or of any other file."""
    for one in files:
        say(f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {pasteable(one)}")


@app.command("terms")
def terms(
    file: _FILE,
    platform: Annotated[str, typer.Option("--platform", help="Whose terms.")] = "whatsapp",
) -> None:
    """Note that somebody has looked at a platform's terms today, saved as FILE.

    If they are not those that the register names, collection stops until it is decided anew.
    """
    home = load_home()
    today = Clock().today()
    record_check(home, _register(home), platform, file.read_bytes(), today)
    say(f"The terms of {platform} are those that were approved; looked at on {today}.")


def _register(home: Home) -> Register:
    return read_register(file_of(home))


def _approvals(home: Home, register: Register) -> object:
    rows = table("may approve", "approved this register as it stands")
    for name, covers in who_approved(home, register).items():
        rows.add_row(name, "yes" if covers else "no")
    return rows
