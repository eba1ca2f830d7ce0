"""`tideline portal`."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.console import screen
from orchestration.cli.web_ui import refuse_unless_free


def add_to(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("portal")
    def portal(
        settings: Annotated[
            Path,
            typer.Option(
                envvar="TIDELINE_PORTAL_SETTINGS",
                help="The file that `tideline consent portal-settings` wrote.",
            ),
        ],
        port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen at.")] = 8600,
        host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
        proxy: Annotated[
            list[str] | None,
            typer.Option(
                "--proxy",
                help="Address or network of a proxy whose X-Forwarded-For says who asks, as often"
                " as there are; without one, of a proxy on this machine alone.",
            ),
        ] = None,
        inbox: Annotated[
            str | None,
            typer.Option(help="Where the inbox lies; without it nobody can deliver here."),
        ] = None,
        pieces: Annotated[
            Path | None,
            typer.Option(help="Private folder for deliveries that are not whole yet."),
        ] = None,
        inbox_may_be_listed: Annotated[
            bool,
            typer.Option(
                "--inbox-may-be-listed",
                help="Serve although it could be: whoever takes the portal over sees sealed files,"
                " group references, times and sizes.",
            ),
        ] = False,
        pieces_gib: Annotated[
            int, typer.Option(min=3, help="GiB that they may take together; 1 GiB stays free.")
        ] = 20,
    ) -> None:
        """Serve pages: admins consent, deliver and withdraw; members object, ask, answer the pulse.

        A process of its own, best on a machine of its own: it needs its settings file, which holds
        no secret, and TIDELINE_PORTAL_PG_URL, a login of the database role tideline_portal, which
        adds rows and reads none. It refuses to start with a login that reads, beside keys of the
        home, with settings that others may change, or with an inbox that it could list. It keeps no
        log of requests. TLS is the work of the proxy in front of it, which must pass the host on
        and keep no log of paths, for they carry the links (docs/portal.md).

        A coordinator writes the settings with `tideline consent portal-settings`, invites with
        `tideline consent invite`, and the hourly job, or `tideline consent take-over`, brings what
        was answered into the register. Stop it with Ctrl+C.
        """
        if (inbox is None) != (pieces is None):
            raise typer.BadParameter("--inbox and --pieces go together")
        refuse_unless_free(host, port)
        # Help needs none of it.
        import uvicorn  # noqa: PLC0415

        from orchestration.cli.portal_start import (  # noqa: PLC0415
            refuse_changeable,
            refuse_inbox_that_reads,
            refuse_what_is_too_much,
        )
        from orchestration.portal.app import make_app  # noqa: PLC0415
        from orchestration.portal.serving import configuration  # noqa: PLC0415
        from orchestration.portal.state import Portal  # noqa: PLC0415
        from resources.base.clock import Clock  # noqa: PLC0415
        from resources.stores.inbox.location import InboxLocation  # noqa: PLC0415
        from resources.stores.portal.delivery_room import Room  # noqa: PLC0415
        from resources.stores.portal.drop_box import DropBox, portal_login  # noqa: PLC0415
        from resources.stores.portal.partial_deliveries import PartialDeliveries  # noqa: PLC0415
        from resources.stores.portal.settings import read_settings  # noqa: PLC0415

        refuse_what_is_too_much(settings, pieces)
        refuse_changeable(settings)
        given = read_settings(settings)
        drop_box = DropBox(portal_login(), given.mode)
        drop_box.require_reads_nothing()
        deliveries = None
        if inbox is not None and pieces is not None:
            kept_for, location = timedelta(days=given.inbox_days), InboxLocation(inbox)
            if not inbox_may_be_listed:
                refuse_inbox_that_reads(location)
            room = Room(most_bytes=pieces_gib << 30)
            deliveries = PartialDeliveries(pieces, location, kept_for, room=room)
            deliveries.keep_deleting_old(Clock().now)
        app = make_app(Portal(given, drop_box, Clock(), deliveries))
        served = configuration(app, host, port, proxy or ())
        screen().print(f"Serving {given.address} at http://{host}:{port}")
        uvicorn.Server(served).run()
