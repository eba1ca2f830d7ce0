"""The link of a group's notice as a picture and as a page: they say the address, nothing else."""

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import resvg_py
import segno
from PIL import Image
from typer.testing import CliRunner

from assets.core.errors import ConsentError, SetupError
from orchestration.cli import app
from orchestration.cli.member_code import QUIET_MODULES
from orchestration.portal.words import texts
from resources.stores.portal.of_home import PortalOfHome
from resources.stores.requests.matching import group_code
from resources.stores.requests.receipts import plain_code
from simulation.consents import made_up_terms

pytestmark = pytest.mark.slow

NOTICE = "what members were told"


@pytest.fixture
def run(session, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    for module in ("member_code", "consent_portal"):
        monkeypatch.setattr(f"orchestration.cli.{module}.open_session", lambda: session)

    def command(*arguments: str) -> str:
        result = CliRunner().invoke(app, arguments)
        if result.exception is not None and result.exit_code:
            raise result.exception
        return result.output

    return command


@pytest.fixture
def group(session) -> str:
    today = session.clock.today()
    return session.register.grant(
        made_up_terms(today.replace(month=1), today.replace(month=12)), session.clock.now()
    )


@pytest.fixture
def link(session, group, run, tmp_path) -> str:
    (tmp_path / "notice.txt").write_text(NOTICE, "utf-8")
    run(
        "consent", "portal-settings", "--address", "https://portal.example.org/",
        "--notice", str(tmp_path / "notice.txt"), "--notice-version", "3",
    )  # fmt: skip
    return f"https://portal.example.org/m/{plain_code(group_code(session.members.marker(group)))}"


def modules(picture: bytes) -> list[list[bool]]:
    """What a camera sees of a picture, with the white around it: one value for each module."""
    image = Image.open(io.BytesIO(picture)).convert("L")
    assert image.width == image.height
    # The finder in the corner is seven modules wide.
    grey = image.tobytes()
    dark = [
        [one < 128 for one in grey[start : start + image.width]]
        for start in range(0, len(grey), image.width)
    ]
    row = next(one for one in dark if any(one))
    first = row.index(True)
    size = (row.index(False, first) - first) / 7
    count = round(image.width / size)
    centres = [int((n + 0.5) * image.width / count) for n in range(count)]
    return [[dark[y][x] for x in centres] for y in centres]


def expected(link: str) -> list[list[bool]]:
    matrix = segno.make(link, error="m", micro=False).matrix_iter(border=QUIET_MODULES)
    return [[bool(one) for one in row] for row in matrix]


def drawn(svg: str) -> bytes:
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=600, height=600))


def test_pictures_are_of_the_link(run, group, link, tmp_path) -> None:
    for name in ("code.png", "code.svg", "CODE.SVG"):
        path = tmp_path / name
        said = run("member", "code", group, "--out", str(path))
        assert link not in said
        content = path.read_bytes()
        picture = content if name == "code.png" else drawn(content.decode())
        assert modules(picture) == expected(link)
    assert expected(link) != expected(link[:-1] + "7")


def test_a_page_to_print_says_where_and_what(run, session, group, link, tmp_path) -> None:
    path = tmp_path / "poster.html"
    run("member", "code", group, "--out", str(path))
    page = path.read_text("utf-8")
    svg = re.search(r"<svg.*</svg>", page, re.DOTALL)
    assert svg is not None
    ET.fromstring(svg[0])
    assert modules(drawn(svg[0])) == expected(link)
    words = texts()["members"]
    code = group_code(session.members.marker(group))
    contact = session.home.config.contact
    for word in (link, code, "https://portal.example.org/m<", contact, *words["asks"].values()):
        assert word in page
    # It says nothing of the group, and asks for nothing from elsewhere.
    assert group not in page
    assert set(re.findall(r'https?://[^/" <]+', page)) <= {
        "https://portal.example.org",
        "http://www.w3.org",
    }
    for none in ("<script", "src=", "href="):
        assert none not in page


def test_without_a_portal_the_code_alone_is_shown(run, session, group, tmp_path) -> None:
    code = group_code(session.members.marker(group))
    said = run("member", "code", group)
    assert code in said
    assert f"/m/{plain_code(code)}" in said
    with pytest.raises(SetupError, match=r"^PORTAL_SETTINGS_MISSING$"):
        run("member", "code", group, "--out", str(tmp_path / "code.png"))
    with pytest.raises(SetupError, match=r"^PICTURE_KIND_UNKNOWN$"):
        run("member", "code", group, "--out", str(tmp_path / "code.gif"))
    with pytest.raises(ConsentError, match=r"^GROUP_UNKNOWN$"):
        run("member", "code", "g-00000000")
    assert not PortalOfHome(session.home.portal).is_there()
    assert [one.name for one in Path(tmp_path).glob("code.*")] == []


def test_with_a_portal_its_whole_link_is_shown(run, group, link) -> None:
    said: Any = run("member", "code", group)
    assert link in said.replace("\n", "")
