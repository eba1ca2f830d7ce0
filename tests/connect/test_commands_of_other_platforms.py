"""`tideline connect telegram` and `teams`: what they refuse before anything is asked."""

import sys

import pytest
from command_line import exit_status
from connected import Connected, at

from assets.core.errors import CATALOGUE
from resources.stores.connect.settings import FILE, written_settings

SECRETS = {
    "telegram": ("TIDELINE_TELEGRAM_TOKEN",),
    "teams": ("TIDELINE_TEAMS_TENANT", "TIDELINE_TEAMS_CLIENT", "TIDELINE_TEAMS_SECRET"),
}
LIBRARIES = {"telegram": "telegram", "teams": "httpx"}
SERVERS = {"telegram": "https://api.telegram.org", "teams": "https://graph.microsoft.com"}
platforms = pytest.mark.parametrize("platform", SECRETS)


@pytest.fixture
def refusal(tmp_path, monkeypatch, capfd):
    """The code with which a platform's command is refused."""

    def of(platform: str, server: str = "", **more: str) -> str:
        own = Connected(tmp_path, platform, server or SERVERS[platform], at(0))
        own.list_rooms()
        (own.folder / FILE).write_bytes(written_settings(own.settings))
        for name in SECRETS[platform]:
            monkeypatch.setenv(name, "7:zandermoor")
        for name, value in more.items():
            monkeypatch.setenv(name, value)
        file = str(own.folder / FILE)
        status = exit_status(monkeypatch, "connect", platform, "--once", "--settings", file)
        said = "".join(capfd.readouterr())
        assert "zandermoor" not in said
        code = said.split(":")[0]
        assert status == CATALOGUE[code].exit_status
        return code

    return of


@platforms
def test_what_is_refused(platform: str, refusal) -> None:
    for name in SECRETS[platform]:
        assert refusal(platform, **{name: " "}) == "CONNECTOR_TOKEN_MISSING"
    assert refusal(platform, "http://example.org") == "CONNECTOR_SETTINGS_INVALID"
    for name in ("TIDELINE_PG_URL", "TIDELINE_PORTAL_PG_URL", "TIDELINE_MATRIX_TOKEN"):
        assert refusal(platform, **{name: "x"}) == "CONNECTOR_HOLDS_TOO_MUCH"


@platforms
def test_an_old_list_stops_it(platform: str, refusal) -> None:
    if platform == "teams":
        assert refusal(platform, TIDELINE_TEAMS_TENANT="example.org") == "CONNECTOR_LIST_STALE"
    else:
        assert refusal(platform) == "CONNECTOR_LIST_STALE"


@platforms
def test_without_its_package_it_says_what_to_install(platform: str, refusal, monkeypatch) -> None:
    library = LIBRARIES[platform]
    mine = f"orchestration.connect.{platform}"
    for name in [one for one in sys.modules if one.split(".")[0] == library or mine in one]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    assert refusal(platform) == "CONNECTOR_EXTRA_MISSING"
