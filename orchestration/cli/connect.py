"""`tideline connect`: connectors, which collect by themselves where a platform lets them."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assets.core.errors import ConnectorError, ConsentError, SetupError, refuse_as
from orchestration.cli.console import pasteable, say
from orchestration.cli.hidden import hidden
from orchestration.cli.of_the_home import TOKENS, not_of_connector

if TYPE_CHECKING:
    from resources.base.home import Home

PLATFORMS = ("matrix", "telegram", "teams")
"""Platforms that have a connector."""

app = typer.Typer(
    help="Collect by itself, where a platform and a group let a program of yours read along.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_GROUP = Annotated[str, typer.Argument(help="Group reference, such as g-7f3a91c2.")]
_SETTINGS = Annotated[
    Path,
    typer.Option(
        envvar="TIDELINE_CONNECT_SETTINGS", help="The file that `tideline connect settings` wrote."
    ),
]
_ONCE = Annotated[bool, typer.Option("--once", help="Take one turn and end.")]


def add_to(tideline: typer.Typer) -> None:
    """Add the family of commands."""
    tideline.add_typer(app, name="connect")


@app.callback()
def connect() -> None:
    """Collect by itself, where a platform and a group let a program of yours read along.

    `settings`, `add` and `remove` belong to the home; each other command is a connector: a process
    of its own that knows its settings, its list of rooms and its token, and opens nothing
    (docs/connectors.md).
    """


@app.command("settings")
def settings(
    platform: Annotated[str, typer.Argument(help=f"One of {', '.join(PLATFORMS)}.")],
    server: Annotated[
        str, typer.Option(help="Where it is reached, such as https://matrix.example.org.")
    ],
    organisation: Annotated[str, typer.Option(help="As whom the connector says it asks.")],
    contact: Annotated[
        str, typer.Option(help="Whom the platform's operator may write to: a role's address.")
    ],
    requests_per_minute: Annotated[
        int, typer.Option(min=1, max=600, help="How often it asks at most.")
    ] = 60,
) -> None:
    """Write what a connector is given, and say where it lies. Nothing of it is secret.

    In a study the register has to permit the platform, and somebody has to have looked at its terms
    lately (`tideline study terms`). Write it anew when the inbox's key or place changes. The token
    is never asked for here: only the connector's own environment has it.
    """
    from pydantic import ValidationError  # noqa: PLC0415  (as the rest: help needs none of it)

    from assets.core.modes import Mode  # noqa: PLC0415
    from assets.core.study_entries import Action  # noqa: PLC0415
    from orchestration.cli.session import open_session  # noqa: PLC0415
    from resources.stores.connect.settings import ConnectorSettings  # noqa: PLC0415
    from resources.stores.study import gate  # noqa: PLC0415

    session = open_session()
    config = session.home.config
    if platform not in PLATFORMS:
        raise ConsentError("PLATFORM_UNKNOWN")
    if config.mode is Mode.DISCOVERY:
        raise SetupError("CONNECTOR_MODE_REFUSED")
    if not session.register.rules.permits(platform):
        raise ConsentError("PLATFORM_NOT_PERMITTED")
    gate.require(session.home, Action.COLLECT, session.clock.today())
    with refuse_as(SetupError("CONNECTOR_SETTINGS_INVALID"), ValidationError):
        given = ConnectorSettings(
            mode=config.mode,
            platform=platform,
            server=server.rstrip("/"),
            organisation=organisation,
            contact=contact,
            inbox=config.inbox,
            inbox_options=config.inbox_options,
            inbox_recipient=config.inbox_recipient,
            swap=config.swap,
            close_after_days=config.close_after_days,
            terms_sha256=_terms_sha256(session.home, platform),
            requests_per_minute=requests_per_minute,
        )
    connectors = session.ways_out.connectors
    connectors.save(given)
    session.ways_out.refresh_connectors(session.clock.now())
    say(f"Written: {pasteable(connectors.settings_file(platform))}")
    say("Next: `tideline connect add GROUP` for each group, and `tideline lifetimes --every 30`.")


def _terms_sha256(home: "Home", platform: str) -> str | None:
    """Digest of the terms by which a study may collect from a platform; None of what is no study.

    Raises:
        StudyError: what `read_register` and `Register.entry` raise.
    """
    from assets.core.modes import Mode  # noqa: PLC0415  (as `settings`)
    from resources.stores.study.entry_forms import PlatformPermission  # noqa: PLC0415
    from resources.stores.study.register import file_of, read_register  # noqa: PLC0415

    if home.config.mode is not Mode.STUDY:
        return None
    permitted = read_register(file_of(home)).entry(PlatformPermission).platforms
    return permitted[platform].terms_sha256


@app.command("add")
def add(
    group: _GROUP,
) -> None:
    """Let the connector of a group's platform read its chat, from its consent's first whole day on.

    The platform's id of the chat is asked for without showing it, or read from standard input. It
    lies in the connector's list of rooms and goes when the group leaves.
    """
    from orchestration.cli.session import open_session  # noqa: PLC0415

    session = open_session()
    consent, now = session.register.consent(group), session.clock.now()
    code = consent.refusal(consent.valid_from, session.clock.today(), session.home.config.mode)
    if code:
        raise ConsentError(code)
    platform = consent.platform_read
    if platform not in PLATFORMS:
        raise ConnectorError("CONNECTOR_PLATFORM_UNKNOWN")
    chat = hidden("The platform's id of the chat")
    if not chat:
        raise ConnectorError("CHAT_MISSING")
    session.ways_out.connectors.add(platform, group, chat)
    session.ways_out.refresh_connectors(now)
    room = next(
        one for one in session.ways_out.connectors.rooms(platform) if one.group_ref == group
    )
    if room.starts is None:
        say(f"Noted for {group}; nothing is read yet ({room.refused}).")
    else:
        say(f"Noted for {group}; read from {room.starts:%Y-%m-%d %H:%M} UTC on.")


@app.command("remove")
def remove(
    group: _GROUP,
) -> None:
    """Take a group's chat from the connector's list. Its consent stays, for deliveries by hand.

    A withdrawal does so by itself.
    """
    from orchestration.cli.session import open_session  # noqa: PLC0415

    session = open_session()
    session.register.consent(group)
    count = session.ways_out.connectors.remove(group)
    say(f"Taken from {count} lists; what was delivered before stays.")


@app.command("matrix")
def matrix(settings: _SETTINGS, once: _ONCE = False) -> None:
    """Pull Matrix rooms that are not encrypted, a day at a time, until Ctrl+C.

    The account's token comes from TIDELINE_MATRIX_TOKEN. Every day that is over is pulled, sealed
    to the inbox's key in memory, written to the inbox and then noted. No message, name or token is
    kept or told; `tideline status` says at the home how each group fares.
    """
    from orchestration.connect.running import refuse_beside, run  # noqa: PLC0415  (as `settings`)

    refuse_beside(not_of_connector("matrix"))
    with refuse_as(SetupError("CONNECTOR_EXTRA_MISSING"), ModuleNotFoundError):
        from orchestration.connect.matrix.rooms import MatrixRooms  # noqa: PLC0415
    token = _secret(TOKENS["matrix"])
    run(
        settings,
        "matrix",
        lambda given, asking: MatrixRooms(given.server, token, given.user_agent, asking),
        once=once,
    )


@app.command("telegram")
def telegram(settings: _SETTINGS, once: _ONCE = False) -> None:
    """Take what Telegram hands a bot of yours, every ten minutes, until Ctrl+C.

    The bot's token comes from TIDELINE_TELEGRAM_TOKEN. What was written is sealed to the inbox's
    key in memory and lies in the inbox before Telegram is told that it came. Telegram keeps it for
    a day at most, and tells of no deletion: a day during which this did not run is not supplied.
    """
    from orchestration.connect.running import refuse_beside, run  # noqa: PLC0415  (as `settings`)

    refuse_beside(not_of_connector("telegram"))
    with refuse_as(SetupError("CONNECTOR_EXTRA_MISSING"), ModuleNotFoundError):
        from orchestration.connect.telegram.bot import BotClient  # noqa: PLC0415
        from orchestration.connect.telegram.turns import telegram_turns  # noqa: PLC0415
    token = _secret(TOKENS["telegram"])
    run(
        settings,
        "telegram",
        lambda given, asking: BotClient.of(token, given.server, given.user_agent, asking),
        telegram_turns,
        once=once,
    )


@app.command("teams")
def teams(settings: _SETTINGS, once: _ONCE = False) -> None:
    """Pull channels of Microsoft Teams that their team's owner let an application of yours read.

    Who asks comes from TIDELINE_TEAMS_TENANT, TIDELINE_TEAMS_CLIENT and TIDELINE_TEAMS_SECRET.
    Every day that is over is pulled, until Ctrl+C, sealed to the inbox's key in memory, written to
    the inbox and then noted.
    """
    from orchestration.connect.running import refuse_beside, run  # noqa: PLC0415  (as `settings`)

    refuse_beside(not_of_connector("teams"))
    with refuse_as(SetupError("CONNECTOR_EXTRA_MISSING"), ModuleNotFoundError):
        from orchestration.connect.teams.graph import Application, Graph  # noqa: PLC0415
        from orchestration.connect.teams.puller import TeamsPuller  # noqa: PLC0415
    application = Application(
        _secret("TIDELINE_TEAMS_TENANT"),
        _secret("TIDELINE_TEAMS_CLIENT"),
        _secret(TOKENS["teams"]),
    )
    run(
        settings,
        "teams",
        lambda given, asking: TeamsPuller(
            Graph(given.server, application, given.user_agent, asking)
        ),
        once=once,
    )


def _secret(variable: str) -> str:
    """What an environment variable holds; it is gone from the environment after that.

    Raises:
        SetupError: `CONNECTOR_TOKEN_MISSING`.
    """
    held = os.environ.pop(variable, "").strip()
    if not held:
        raise SetupError("CONNECTOR_TOKEN_MISSING")
    return held
