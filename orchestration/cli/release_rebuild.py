"""`tideline release rebuild`: a release made again of its own data, and compared."""

from hashlib import sha256
from typing import Annotated

import typer

from assets.core.errors import PublicationError
from orchestration.cli.console import say
from resources.base.home import load_home


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("rebuild")
    def rebuild(number: Annotated[int, typer.Argument(min=1, help="Of the release.")]) -> None:
        """Make a release again of the data in its folder, and compare every file with its manifest.

        Only the version of the program that made it can; nothing is written.
        """
        # pandas and Plotly, which nothing else of this family needs.
        from assets.public.page.made_by import made_by  # noqa: PLC0415
        from assets.public.page.release_files import make_release  # noqa: PLC0415
        from resources.stores.published.releases import Releases  # noqa: PLC0415

        releases = Releases(load_home().public)
        manifest = releases.manifest(number)
        if not releases.is_whole(number):
            raise PublicationError("RELEASE_TAKEN_BACK")
        if manifest["made_by"] != made_by():
            raise PublicationError("RELEASE_OF_ANOTHER_VERSION")
        folder, listed = releases.folder(number), manifest["files"]
        made = make_release(
            {name: (folder / name).read_bytes() for name in listed if (folder / name).is_file()}
        )
        digests = {name: sha256(content).hexdigest() for name, content in made.files.items()}
        lying = {
            name: sha256((folder / name).read_bytes()).hexdigest()
            for name in listed
            if (folder / name).is_file()
        }
        if not digests == lying == {name: one["sha256"] for name, one in listed.items()}:
            raise PublicationError("RELEASE_NOT_THE_SAME")
        say(f"Release {number}: {len(digests)} files, each the same to the byte.")
