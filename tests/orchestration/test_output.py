"""What the commands print arrives as it is, as far as the stream takes it, and never stops them."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from assets.core.errors import CATALOGUE
from orchestration.cli import main
from orchestration.cli.console import pasteable

NAMES = {
    "greater_london": "Dyfed – Ŵen and Llŷn",
    "east_of_england": '[red]"East"[/red] :house: o\'Kent\n',
}
COMMAND = Path(sys.executable).with_name("tideline")


@pytest.fixture
def home(session, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose regions are called what they may be called."""
    path = session.home.root / "home.yaml"
    config = yaml.safe_load(path.read_text("utf-8"))
    path.write_text(yaml.safe_dump({**config, "regions": NAMES}), "utf-8")
    monkeypatch.setenv("TIDELINE_HOME", str(session.home.root))
    return session.home.root


def status(monkeypatch: pytest.MonkeyPatch, **streams: io.TextIOWrapper | None) -> int:
    """Run `tideline status` on streams of the test's. Returns its exit status."""
    monkeypatch.setattr(sys, "argv", ["tideline", "status"])
    for name, stream in streams.items():
        monkeypatch.setattr(sys, name, stream)
    with pytest.raises(SystemExit) as stop:
        main()
    assert all(getattr(sys, name) is stream for name, stream in streams.items())
    return int(stop.value.code or 0)


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "Dyfed – Ŵen and Llŷn"),
        ("latin-1", "Dyfed ? ?en and Ll?n"),
        ("ascii", "Dyfed ? ?en and Ll?n"),
    ],
)
def test_a_sign_that_a_stream_can_not_carry_is_replaced(
    home, tmp_path, monkeypatch, encoding, shown
):
    with io.TextIOWrapper((tmp_path / "out").open("wb"), encoding=encoding) as stream:
        assert status(monkeypatch, stdout=stream) == 0
    told = (tmp_path / "out").read_text(encoding)
    assert shown in told
    # Neither markup nor the name of a picture.
    assert '[red]"East"[/red] :house: o\'Kent' in told


def test_streams_that_are_closed_are_passed_over(home, monkeypatch):
    assert status(monkeypatch, stdin=None, stdout=None, stderr=None) == 0


@pytest.fixture
def left_by_its_reader() -> Iterator[io.TextIOWrapper]:
    reading, writing = os.pipe()
    os.close(reading)
    with io.TextIOWrapper(os.fdopen(writing, "wb"), encoding="utf-8") as stream:
        yield stream


def test_a_reader_that_leaves_stops_nothing(home, monkeypatch, capfd, left_by_its_reader):
    assert status(monkeypatch, stdout=left_by_its_reader) == 0
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("lost", ["stdout", "stderr"])
def test_output_that_can_not_be_written_is_told_and_what_is_said_beside_it_is_not(
    home, monkeypatch, tmp_path, lost
):
    with (
        io.TextIOWrapper(Path("/dev/full").open("wb"), encoding="utf-8") as full,
        io.TextIOWrapper((tmp_path / "other").open("wb"), encoding="utf-8") as other,
    ):
        streams = {"stdout": other, "stderr": other, lost: full}
        expected = CATALOGUE["OUTPUT_NOT_WRITTEN"].exit_status if lost == "stdout" else 0
        assert status(monkeypatch, **streams) == expected
    told = (tmp_path / "other").read_text("utf-8")
    assert ("OUTPUT_NOT_WRITTEN: " in told) == (lost == "stdout")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('"$0" status <&- >&-', 0),
        ('PYTHONIOENCODING=ascii "$0" status 2>&- | head -c 1 >&2; exit "${PIPESTATUS[0]}"', 0),
    ],
)
def test_a_process_of_its_own(home, line, code):
    """As a shell starts it, to the very end: what Python itself says on leaving, too."""
    done = subprocess.run(
        ["bash", "-c", line, COMMAND],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr in (b"", b"H")


PATHS = [
    "/srv/tideline", "/srv/a b/it's", '/srv/"$HOME" `x` \\n', "/srv/two\nlines", "/srv/\x1b[31mred",
    "/srv/Ŵen – Llŷn", "/srv/Ŵ'\\", "-n", "/srv/[red] :house:", os.fsdecode(b"/srv/\xff"),
]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("path", PATHS)
def test_a_path_can_be_pasted(monkeypatch, path, encoding):
    with io.TextIOWrapper(io.BytesIO(), encoding=encoding) as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        shown = pasteable(path)
        monkeypatch.undo()
    assert shown.encode(encoding).isascii() or encoding == "utf-8"
    assert "\n" not in shown
    assert "\x1b" not in shown
    pasted = subprocess.run(
        ["bash", "-c", f"printf -- '%s' {shown}"], capture_output=True, check=True
    ).stdout
    assert pasted == os.fsencode(path)
