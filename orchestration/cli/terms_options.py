"""What `tideline consent grant` and `renew` ask for: the terms of a consent, an option each."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from assets.core.delivery_rhythm import Rhythm
from assets.core.platforms import PLATFORMS
from resources.stores.consent.consent_terms import MemberBasis, Scope, Sector

PLATFORM = Annotated[str, typer.Option(help=f"Where the chat is: {', '.join(PLATFORMS)}.")]
INFORMED = Annotated[
    datetime,
    typer.Option(formats=["%Y-%m-%d"], help="Day on which the members were informed."),
]
INFORMED_OR_NOT = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Day on which the members were informed."),
]
NOTICE_VERSION = Annotated[str, typer.Option(help="Version of the notice that they were given.")]
NOTICE = Annotated[
    Path, typer.Option(help="The text that they were given; its digest is kept, not the file.")
]
ETHICS = Annotated[
    str,
    typer.Option(
        help="Reference of the ethics approval, needed unless members opt in; a digest is kept."
    ),
]
DEPARTURE = Annotated[
    bool,
    typer.Option(
        "--departure-approved",
        help="That decision names the departure from 'consent of the moderator and its members',"
        " which notice_with_objection is.",
    ),
]
ADULTS = Annotated[
    bool,
    typer.Option("--adults-at-work", help="The admin attests: a group of adults about their work."),
]
EVIDENCE = Annotated[
    Path, typer.Option(help="The signed form or message; its digest is kept, not the file.")
]
FROM = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"],
        help="First day that may be read (default: today, or when the members have cooled off).",
    ),
]
UNTIL = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Last day that may be read (default: a year on)."),
]
REVIEW = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"],
        help="Day by which the consent is looked at again, or it is not read (default: half a year"
        " on).",
    ),
]
BASIS = Annotated[
    MemberBasis | None, typer.Option(help="On what basis members are read; there is no default.")
]
EMPLOYER = Annotated[
    str,
    typer.Option(
        help="Whose employees they are: the employer reference of another group of the same"
        " employer, or `new` if no recorded group is of it. Groups of one employer count as one."
    ),
]
SECTOR = Annotated[Sector | None, typer.Option(help="Where the members work.")]
SCOPES = Annotated[
    list[Scope] | None,
    typer.Option(help="What the group agrees to, once for each; trend_lines is needed."),
]
RHYTHM = Annotated[Rhythm | None, typer.Option(help="How often its export will be delivered.")]
