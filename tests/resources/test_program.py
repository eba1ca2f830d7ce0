"""Which commit a program says that it came from."""

import json
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from resources.base import program
from resources.base.program import code_digest, commit_id

ONE, OTHER = "1" * 40, "2" * 64


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As from a folder, which names no commit."""
    commit_id.cache_clear()
    say(monkeypatch, {"dir_info": {"editable": True}, "url": "file:///x"})
    yield
    commit_id.cache_clear()


def say(monkeypatch: pytest.MonkeyPatch, told: dict | None) -> None:
    text = None if told is None else json.dumps(told)
    found = SimpleNamespace(read_text=lambda name: text)
    monkeypatch.setattr(metadata, "distribution", lambda name: found)


def written(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{content}\n", "utf-8")
    return root / "tree"


@pytest.mark.parametrize(
    ("files", "commit"),
    [
        ({"tree/.git/HEAD": ONE}, ONE),
        ({"tree/.git/HEAD": "ref: refs/heads/main", "tree/.git/refs/heads/main": ONE}, ONE),
        (
            {
                "tree/.git/HEAD": "ref: refs/heads/main",
                "tree/.git/packed-refs": f"# x\n{ONE} refs/heads/mai\n{OTHER} refs/heads/main",
            },
            OTHER,
        ),
        (
            {
                "tree/.git": "gitdir: ../first/.git/worktrees/tree",
                "first/.git/worktrees/tree/HEAD": "ref: refs/heads/side",
                "first/.git/worktrees/tree/commondir": "../..",
                "first/.git/refs/heads/side": ONE,
            },
            ONE,
        ),
        ({"tree/.git/HEAD": "ref: refs/heads/gone"}, None),
        ({"tree/.git/HEAD": "no commit"}, None),
        ({"tree/README.md": ""}, None),
    ],
)
def test_the_commit_of_a_checkout(tmp_path: Path, files: dict[str, str], commit: str) -> None:
    assert commit_id(written(tmp_path, files)) == commit


def test_what_the_installation_says_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(monkeypatch, {"vcs_info": {"vcs": "git", "commit_id": OTHER}, "url": "https://x"})
    assert commit_id(written(tmp_path, {"tree/.git/HEAD": ONE})) == OTHER
    commit_id.cache_clear()
    say(monkeypatch, None)
    assert commit_id(tmp_path / "tree") == ONE


def test_a_changed_line_of_code_is_another_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "_ROOT", tmp_path)
    written(tmp_path, {"assets/a.py": "1", "resources/b.yaml": "2", "assets/m.onnx": "3"})
    of = code_digest.__wrapped__
    before = of()
    for name, same in (
        ("assets/__pycache__/a.pyc", True),
        ("assets/m.onnx", True),
        ("assets/a.py", False),
    ):
        written(tmp_path, {name: "changed"})
        assert (of() == before) is same, name
