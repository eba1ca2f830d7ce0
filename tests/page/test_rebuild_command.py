"""`tideline release rebuild`: the same to the byte, or a code that says why not."""

import json
from types import SimpleNamespace

import made_house
import pytest
import typer
from typer.testing import CliRunner

from assets.public.page import panel_pictures
from orchestration.cli import release_rebuild


@pytest.fixture(scope="module")
def house(made, tmp_path_factory):
    house = made_house.make_house(made, tmp_path_factory.mktemp("home"))
    made_house.write(house)
    return house


@pytest.fixture
def rebuild(house, monkeypatch):
    monkeypatch.setattr(release_rebuild, "load_home", lambda: SimpleNamespace(public=house.public))
    app = typer.Typer()
    release_rebuild.add_to(app)
    return lambda: CliRunner().invoke(app, ["1"])


@pytest.fixture
def spoil(house):
    """Changes a file of the release for one test."""
    kept = {}

    def change(name, by):
        path = house.public / "releases" / "1" / name
        kept[path] = path.read_bytes() if path.exists() else None
        path.write_bytes(by(kept[path]))

    yield change
    for path, content in kept.items():
        path.unlink() if content is None else path.write_bytes(content)


def of_another_version(manifest):
    content = json.loads(manifest)
    content["made_by"]["code_sha256"] = "0" * 64
    return json.dumps(content).encode()


def test_a_release_is_made_again_to_the_byte(rebuild):
    # Drawn anew, for that a picture comes out the same is what is tried.
    panel_pictures._png.cache_clear()
    done = rebuild()
    assert done.exit_code == 0
    assert "each the same to the byte" in done.output


@pytest.mark.parametrize(
    ("name", "by", "code"),
    [
        ("latest.csv", lambda was: was.replace(b"0.5", b"0.6"), "RELEASE_NOT_THE_SAME"),
        ("burnout-greater_london.svg", lambda was: was + b"\n", "RELEASE_NOT_THE_SAME"),
        ("burnout-greater_london.png", lambda was: was + b"\n", "RELEASE_NOT_THE_SAME"),
        ("index.html", lambda was: was + b"\n", "RELEASE_NOT_THE_SAME"),
        ("manifest.json", of_another_version, "RELEASE_OF_ANOTHER_VERSION"),
        ("manifest.json", lambda _: b"{", "RELEASE_FOLDER_DAMAGED"),
        ("tombstone.json", lambda _: b"{}", "RELEASE_TAKEN_BACK"),
    ],
)
def test_what_is_not_as_it_was_has_a_code(rebuild, spoil, name, by, code):
    spoil(name, by)
    assert rebuild().exception.code == code
