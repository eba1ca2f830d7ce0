"""What a contributor runs, and `.ci/run` with them: `.venv/bin/nox -l` lists it.

Everything runs in the environment that nox itself is in, for one of 3 GB is enough.
"""

import sys
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "test-fast"]
nox.needs_version = ">=2026.10"

PYTHON = sys.executable
HERE = Path(PYTHON).parent
SIDE_BY_SIDE = ("-n", "logical", "--maxprocesses=4")
"""Each process holds models and a PostgreSQL server of its own, about 2 GB."""


def run(session: nox.Session, program: str, *arguments: str) -> None:
    """Run a program of this environment."""
    session.run(str(HERE / program), *arguments, external=True)


def pytest(session: nox.Session, *arguments: str) -> None:
    """Run pytest; what stands after `--` on the command line goes to it too."""
    session.run(PYTHON, "-m", "pytest", *arguments, *session.posargs, external=True)


@nox.session
def setup(session: nox.Session) -> None:
    """Bring this environment up to date with pyproject.toml, and commit through the fast checks."""
    session.run(PYTHON, "-m", "pip", "install", "-q", "-c", "constraints.txt", "-e", ".[test]")
    run(session, "pre-commit", "install")


@nox.session(name="test-fast")
def test_fast(session: nox.Session) -> None:
    """The tests that start no process, load no model and run no whole job."""
    pytest(session, *SIDE_BY_SIDE, "-m", "not slow and not browser")


@nox.session
def test(session: nox.Session) -> None:
    """All tests, statistics in their small form."""
    pytest(session, *SIDE_BY_SIDE)


@nox.session(name="test-full")
def test_full(session: nox.Session) -> None:
    """All tests, statistics in full."""
    pytest(session, *SIDE_BY_SIDE, "--full")


@nox.session(name="test-browser")
def test_browser(session: nox.Session) -> None:
    """The tests in a browser again and again beside busy cores: -- ROUNDS (default 20)."""
    session.run(PYTHON, "-m", "bench.browser_repeats", *session.posargs, external=True)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, and whether it is formatted."""
    run(session, "ruff", "check", ".")
    run(session, "ruff", "format", "--check", ".")


@nox.session
def imports(session: nox.Session) -> None:
    """Who may import whom."""
    run(session, "lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Types of the program."""
    run(session, "pyright", "--pythonpath", PYTHON)


@nox.session(name="format")
def format_(session: nox.Session) -> None:
    """Format, and mend what can be mended."""
    run(session, "ruff", "check", "--fix", ".")
    run(session, "ruff", "format", ".")


@nox.session(name="bench")
def bench(session: nox.Session) -> None:
    """List the measurements that are run by hand, and how."""
    for path in sorted(Path("bench").rglob("*.py")):
        module = ".".join(path.with_suffix("").parts).removesuffix(".__main__")
        text = path.read_text("utf-8")
        if "__main__" in text or path.name == "__main__.py":
            first = text.removeprefix('"""').splitlines()[0].removesuffix('"""')
            session.log(f"python -m {module}\n    {first}")
