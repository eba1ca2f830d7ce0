"""`tideline inbox`."""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.console import screen
from orchestration.cli.session import open_session

app = typer.Typer(help="Deliver exports.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def inbox() -> None:
    """Deliver exports. A file is sealed on receipt; only the collect step can open it."""


@app.command("add")
def add(
    group: Annotated[str, typer.Argument(help="Group reference, such as g-7f3a91c2.")],
    file: Annotated[Path, typer.Argument(help="The export as the platform made it (.txt, .zip).")],
) -> None:
    """Seal a group's export into the inbox. The file itself stays where it is: delete it after."""
    session = open_session()
    session.deliver(group, file)
    out = screen()
    out.print(
        f"Delivered for {group}. It is deleted from the inbox after"
        f" {session.home.config.inbox_lifetime_days} days.",
        markup=False,
    )
    out.print("Next: delete your own copy of the file. The next run reads it; or `tideline run`.")
