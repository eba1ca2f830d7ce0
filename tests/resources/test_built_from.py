"""Which commit a checkout stands at, as Git itself says."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from resources.base.built_from import commit_of


@pytest.fixture
def git(tmp_path: Path) -> Callable[..., str]:
    """Runs Git in a new repository with one commit."""
    root = tmp_path / "checkout"
    root.mkdir()

    def run(*words: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        done = subprocess.run(
            ["git", *who, *words], cwd=root, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    run("init", "-q", "-b", "main")
    run("commit", "-q", "--allow-empty", "-m", "first")
    return run


def test_the_commit_is_the_one_that_git_names(git: Callable[..., str], tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    commit = git("rev-parse", "HEAD")
    assert commit_of(root) == commit
    git("pack-refs", "--all")
    assert commit_of(root) == commit
    git("worktree", "add", "-q", "../other", "-b", "topic")
    assert commit_of(tmp_path / "other") == commit
    git("checkout", "-q", "--detach")
    git("commit", "-q", "--allow-empty", "-m", "second")
    assert commit_of(root) == git("rev-parse", "HEAD") != commit
    assert commit_of(tmp_path / "other") == commit


@pytest.mark.parametrize("head", ["ref: refs/heads/none", "no commit", "", "\ufffd"])
def test_what_tells_no_commit_tells_none(tmp_path: Path, head: str) -> None:
    assert commit_of(tmp_path) is None
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text(head, "utf-8")
    assert commit_of(tmp_path) is None
