"""Another key pair for the inbox: what lies there stays readable, what comes is sealed to it."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from assets.core.errors import ExportError, TidelineError
from orchestration.cli import app
from resources.base.home import load_home
from resources.base.keys.long_lived_keys import load_identity
from resources.wiring.commands import inbox_of

pytestmark = pytest.mark.slow
GROUP = "g-00000001"


@pytest.fixture
def tideline(session: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    return lambda *words: CliRunner().invoke(app, ["keys", *words])


def test_files_stay_readable_until_the_earlier_key_is_dropped(
    session: Any, tideline: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, now = session.home.root, session.clock.now()
    before = inbox_of(session.home, with_identity=True)
    old = before.add(GROUP, io.BytesIO(b"old"), now)
    written = (root / "home.yaml").read_text("utf-8")
    assert tideline("rotate").exit_code == 0
    home = load_home(root)
    assert home.config.inbox_recipient != session.home.config.inbox_recipient
    assert (root / "home.yaml").read_text("utf-8").replace(
        home.config.inbox_recipient, session.home.config.inbox_recipient
    ) == written
    after = inbox_of(home, with_identity=True)
    new = after.add(GROUP, io.BytesIO(b"new"), now)
    assert [after.open_export(one).read() for one in (old, new)] == [b"old", b"new"]
    # Whoever kept the earlier key opens nothing that came since.
    with pytest.raises(ExportError, match=r"^EXPORT_SEAL_BROKEN$"):
        before.open_export(new)
    assert "Forgot 1 " in tideline("rotate", "--drop-earlier").output
    last = inbox_of(home, with_identity=True)
    assert last.open_export(new).read() == b"new"
    with pytest.raises(ExportError, match=r"^EXPORT_SEAL_BROKEN$"):
        last.open_export(old)
    assert "Forgot 0 " in tideline("rotate", "--drop-earlier").output
    monkeypatch.setenv("TIDELINE_INBOX_IDENTITY", str(load_identity(home.secrets)))
    done = tideline("rotate")
    assert isinstance(done.exception, TidelineError)
    assert done.exception.code == "KEY_IN_ENVIRONMENT"
