"""`tideline member code`: the code of a group's notice, as words, as a QR code, and as a page."""

import io
from pathlib import Path
from typing import Annotated

import typer

from assets.core.errors import SetupError
from orchestration.cli.console import pasteable, say, screen
from orchestration.cli.session import open_session

QUIET_MODULES = 4
"""Of white around the code (ISO/IEC 18004)."""

_PIXELS_A_MODULE = 10
_KINDS = (".svg", ".png", ".html")


def code(
    group: Annotated[str, typer.Argument(help="Group reference, such as g-7f3a91c2.")],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write the link as a QR code (.svg, .png), or as a page to print (.html): link, QR"
            " code, and what a member can do there."
        ),
    ] = None,
) -> None:
    """Show the code of a group's notice: by it members object at the portal, unseen.

    `tideline consent invite` has printed the code of a group that is new. It is for the group's
    members alone: put it into their notice, as a link and as a QR code of it. Whoever has it can
    object in others' names. Where the study has the pulse, its sentences for a notice are shown,
    too: a group is told before its admin agrees to it.
    """
    from assets.restricted.consent.sentences import PULSE_SENTENCES  # noqa: PLC0415
    from orchestration.portal.words import page, texts  # noqa: PLC0415
    from resources.base.files import write_once  # noqa: PLC0415
    from resources.stores.portal.of_home import PortalOfHome  # noqa: PLC0415
    from resources.stores.requests.matching import group_code  # noqa: PLC0415
    from resources.stores.requests.receipts import plain_code  # noqa: PLC0415
    from resources.stores.study.gate import stops_pulse  # noqa: PLC0415

    if out is not None and out.suffix.lower() not in _KINDS:
        raise SetupError("PICTURE_KIND_UNKNOWN")
    session = open_session()
    session.register.consent(group)
    if not stops_pulse(session.home, session.clock.today()):
        screen().print("The study has the pulse. Where a group may be asked, its notice says:")
        screen().print(f"  {PULSE_SENTENCES}", markup=False)
    shown = group_code(session.members.marker(group))
    portal = PortalOfHome(session.home.portal)
    if out is None and not portal.is_there():
        screen().print(shown)
        screen().print(f"Its page is the portal's address and /m/{plain_code(shown)}")
        return
    address = portal.settings().address
    link = f"{address}/m/{plain_code(shown)}"
    if out is None:
        screen().print(shown)
        say(f"Its page: {link}")
        return
    if out.suffix.lower() == ".html":
        picture = qr_code(link, ".svg").decode()
        found = page(
            "member_poster.html",
            link=link,
            start=f"{address}/m",
            code=shown,
            picture=picture,
            contact=session.home.config.contact,
            asks=texts()["members"]["asks"].values(),
        )
        write_once(out, bytes(found.body), 0o644)
    else:
        write_once(out, qr_code(link, out.suffix.lower()), 0o644)
    say(f"Written: {pasteable(out)}")
    screen().print("It is for the members of this group alone.")


def qr_code(link: str, kind: str) -> bytes:
    """A link as a QR code that still reads with a seventh of it spoilt.

    Args:
        link: what it says.
        kind: `.svg` or `.png`.
    """
    import segno  # noqa: PLC0415

    made, written = segno.make(link, error="m", micro=False), io.BytesIO()
    if kind == ".svg":
        made.save(
            written, kind="svg", border=QUIET_MODULES, light="#fff", xmldecl=False, omitsize=True
        )
    else:
        made.save(written, kind="png", border=QUIET_MODULES, scale=_PIXELS_A_MODULE)
    return written.getvalue()
